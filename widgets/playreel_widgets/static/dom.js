// Small builders, so that a view reads like the page it makes.
import { icon } from "./icons.js";

/** An element: h("div.class", {attributes, onclick}, ...children). */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name || "div");
  if (classes.length) el.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key in el && !key.startsWith("aria") && key !== "list" && key !== "form") el[key] = value;
    else el.setAttribute(key, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return el;
}

/** A button with an icon, a word, or both; without a word it is named by its title. */
export function button(label, { name, primary, quiet, onclick, ...rest } = {}) {
  const kind = primary ? ".pr-primary" : quiet ? ".pr-quiet" : "";
  const bare = name && rest.bare;
  const { bare: _, title: __, ...others } = rest;
  return h(
    `button.pr-button${kind}${bare ? ".pr-bare" : ""}`,
    { type: "button", onclick, title: bare ? label : rest.title, "aria-label": bare ? label : undefined, ...others },
    name ? icon(name) : null,
    bare ? null : h("span", {}, label),
  );
}

/** A labelled field. */
export function field(label, control, extra = "") {
  return h(`label.pr-field${extra}`, {}, h("span.pr-label", {}, label), control);
}

/** One of a few; `onpick` is told which. Arrow keys move between them, as in any radio group. */
export function segmented(label, choices, chosen, onpick) {
  const group = `pr-${Math.random().toString(36).slice(2)}`;
  const el = h("div.pr-segmented", { role: "radiogroup", "aria-label": label });
  for (const [value, text] of choices) {
    const input = h("input", { type: "radio", name: group, value, checked: value === chosen, onchange: () => onpick(value) });
    el.append(h("label", {}, input, h("span", {}, text)));
  }
  el.pick = (value) => {
    for (const input of el.querySelectorAll("input")) input.checked = input.value === value;
  };
  return el;
}

/** Puts messages at the top of a panel: in words, to be dismissed, read out by screen readers. */
export function notices(t) {
  const el = h("div.pr-notices", { "aria-live": "polite" });
  el.show = (message, { kind = "error", action = null, stays = false } = {}) => {
    const old = [...el.children].find((child) => child.dataset.message === message);
    old?.remove();
    const note = h(
      `div.pr-notice.pr-${kind}`,
      { role: kind === "error" ? "alert" : "status" },
      icon(kind === "error" ? "warning" : "info"),
      h("span", {}, message),
      action,
      stays ? null : button(t("dismiss"), { name: "close", bare: true, quiet: true, onclick: () => note.remove() }),
    );
    note.dataset.message = message;
    el.append(note);
    while (el.children.length > 3) el.firstChild.remove();
    if (!stays && kind !== "error") setTimeout(() => note.remove(), 6000);
    return note;
  };
  el.refuse = (error) => {
    if (error?.code === "lost") return;
    el.show(error?.code === "silent" ? t("silent") : (error?.message ?? String(error)));
  };
  return el;
}

/** Draws a picture on a canvas of the picture's own size; the style sheet scales it. */
export function paint(canvas, bitmap, { x = 0, y = 0, width = bitmap.width, height = bitmap.height } = {}) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext("2d").drawImage(bitmap, x, y, width, height, 0, 0, width, height);
}

/** Shows the frames of a strip on a canvas, moving while `run` says so. */
export class Strip {
  constructor(canvas, bitmap, frames, fps = 12) {
    Object.assign(this, { canvas, bitmap, frames, fps, at: 0, timer: null });
    this.height = bitmap.height / frames;
    this.show(0);
  }

  show(index) {
    this.at = index % this.frames;
    paint(this.canvas, this.bitmap, { y: this.at * this.height, height: this.height });
  }

  run(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (on && this.frames > 1) this.timer = setInterval(() => this.show(this.at + 1), 1000 / this.fps);
  }
}
