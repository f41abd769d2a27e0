// Which buttons are down, by keyboard, gamepad, pointer or touch, told as one list.

const KEYS = {
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "jump", " ": "jump", ArrowDown: "stay",
  a: "left", d: "right", w: "jump", s: "stay",
};

export const KEYCAPS = { left: "←", right: "→", jump: "↑", stay: "↓", "jump-left": "↑←", "jump-right": "↑→" };

export class Buttons {
  /** `change` is told the buttons that are down whenever that changed. */
  constructor(change) {
    this.change = change;
    this.down = new Map(); // what holds it (a key, a pointer, the pad) -> button
    this.told = "";
    this.padTimer = null;
  }

  get names() {
    return [...new Set([...this.down.values()].flatMap((name) => name))];
  }

  set(source, name) {
    if (name) this.down.set(source, name);
    else this.down.delete(source);
    const names = this.names;
    if (names.join() !== this.told) {
      this.told = names.join();
      this.change(names);
    }
  }

  release() {
    this.down.clear();
    this.set("none", null);
  }

  /** Takes a key event; says whether it was a button. */
  key(event) {
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (!event.repeat) this.set(`key:${event.code}`, event.type === "keydown" ? name : null);
    return true;
  }

  /** Reads a gamepad while `on`; browsers tell of pads only when asked. */
  watchPad(on) {
    clearInterval(this.padTimer);
    this.padTimer = null;
    if (!on || !navigator.getGamepads || ![...navigator.getGamepads()].some(Boolean)) return;
    this.padTimer = setInterval(() => {
      const pad = [...navigator.getGamepads()].find(Boolean);
      if (!pad) return this.watchPad(false);
      const pressed = (i) => pad.buttons[i]?.pressed;
      const left = pad.axes[0] < -0.4 || pressed(14);
      const right = pad.axes[0] > 0.4 || pressed(15);
      this.set("pad:x", left ? "left" : right ? "right" : null);
      this.set("pad:jump", pressed(0) || pressed(12) ? "jump" : null);
    }, 16);
  }
}
