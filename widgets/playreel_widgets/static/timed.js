// Timed prompts: parts of a text on a strip of time.
import { button, h } from "./dom.js";

/** The strip; `seconds()` tells how long the shot is. `text(base)` gives the prompt as it is written. */
export function timedStrip(t, seconds, changed = () => undefined) {
  let parts = [];
  const strip = h("div.pr-strip", { "aria-hidden": "true" });
  const rows = h("div.pr-parts");
  const add = button(t("addPart"), { name: "add", quiet: true, onclick: () => {
    const start = parts.length ? Math.min(parts.at(-1).stop, seconds() - 0.25) : 0;
    parts.push({ start, stop: seconds(), text: "" });
    show();
    rows.lastChild.querySelector("input[type=text]").focus();
  } });

  function draw() {
    const whole = seconds();
    strip.replaceChildren(
      ...parts.map((part) => h("div", { style: `left:${(100 * part.start) / whole}%;width:${(100 * Math.max(0, part.stop - part.start)) / whole}%` }, part.text || "…")),
    );
    strip.hidden = !parts.length;
    changed();
  }

  function show() {
    rows.replaceChildren(
      ...parts.map((part, index) => {
        const number = (key) => h("input", { type: "number", min: 0, max: seconds(), step: 0.25, value: part[key], "aria-label": t(key === "start" ? "from" : "to"), oninput: (event) => {
          part[key] = Math.min(seconds(), Math.max(0, Number(event.target.value) || 0));
          draw();
        } });
        const words = h("input", { type: "text", value: part.text, placeholder: t("partHint"), "aria-label": t("partHint"), maxLength: 400, oninput: () => {
          part.text = words.value;
          draw();
        } });
        return h("div.pr-part", {}, number("start"), number("stop"), words, button(t("remove"), { name: "close", bare: true, quiet: true, onclick: () => {
          parts.splice(index, 1);
          show();
        } }));
      }),
    );
    draw();
  }

  const el = h("div.pr-timed", {}, strip, rows, add);
  show();
  return {
    el,
    draw,
    text: (base) => {
      const plain = (words) => words.replace(/[[\]]/g, " ").trim();
      const timed = parts.filter((part) => part.text.trim() && part.stop > part.start);
      return [plain(base), ...timed.map((part) => `[${part.start}s-${part.stop}s: ${plain(part.text)}]`)].filter(Boolean).join(" ");
    },
  };
}
