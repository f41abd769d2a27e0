// Asks the desk for something, and says what went wrong in words.

import { word } from "./words.js";

export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export async function act(verb, given = {}) {
  let reply;
  try {
    reply = await fetch(`do/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(given),
    });
  } catch {
    throw new Refused("lost", word("error-lost"));
  }
  let document_ = {};
  try {
    document_ = await reply.json();
  } catch {
    // told by the status alone
  }
  if (reply.ok) return document_.value;
  if (reply.status === 401) location.replace("enter");
  throw new Refused(document_.code ?? "fault", document_.message ?? String(reply.status));
}

/** An error in words: translated where there are words for its code, else as the server said it. */
export function told(error) {
  const key = `error-${error.code}`;
  return word(key) === key ? error.message : word(key);
}

let place;

export function notice(text, bad = false) {
  if (!place) {
    place = document.createElement("div");
    place.className = "pr pr-notices";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  const line = document.createElement("p");
  line.textContent = text;
  if (bad) line.className = "pr-bad";
  place.append(line);
  setTimeout(() => line.remove(), bad ? 9000 : 4000);
}

/** Does something for a click, and tells of its failure. */
export async function attempt(work, element) {
  if (element) element.disabled = true;
  try {
    return await work();
  } catch (error) {
    notice(told(error), true);
    return undefined;
  } finally {
    if (element) element.disabled = false;
  }
}
