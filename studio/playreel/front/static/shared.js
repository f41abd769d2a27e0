// What the pages share: who I am, the takes, and the take that is chosen.

import { act } from "./act.js";

const listeners = {};

export const shared = {
  me: undefined,
  takes: [],
  chosen: undefined,
  on(event, listen) {
    (listeners[event] ??= []).push(listen);
  },
  tell(event) {
    for (const listen of listeners[event] ?? []) listen();
  },
  may(verb) {
    return this.me?.may.includes(verb) ?? false;
  },
  async refreshTakes() {
    const found = await act("takes");
    this.takes = found.takes;
    this.tell("takes");
  },
  choose(take) {
    this.chosen = take;
    this.tell("chosen");
  },
};
