// A region of a picture: dragged on it, or typed as four numbers.
import { h } from "./dom.js";

const SIDES = ["regionLeft", "regionTop", "regionRight", "regionBottom"];

/** Lays a box over `surface`; `shares()` gives [left, top, right, bottom] as shares of the picture. */
export function regionPicker(t, surface) {
  let box = [0.3, 0.3, 0.7, 0.9];
  let from = null;
  const frame = h("div.pr-region", { "aria-hidden": "true" });
  const inputs = SIDES.map((key, side) => h("input", { type: "number", min: 0, max: 100, step: 1, "aria-label": t(key), oninput: () => {
    if (inputs[side].value === "") return;
    box[side] = Math.min(1, Math.max(0, Number(inputs[side].value) / 100));
    draw();
  } }));
  const fields = h("div.pr-row.pr-regionfields", {}, ...SIDES.map((key, side) => h("label.pr-field.pr-tiny", {}, h("span.pr-label", {}, t(key)), inputs[side])));

  function draw() {
    const [left, top, right, bottom] = box.map((share) => 100 * share);
    Object.assign(frame.style, { left: `${Math.min(left, right)}%`, top: `${Math.min(top, bottom)}%`, width: `${Math.abs(right - left)}%`, height: `${Math.abs(bottom - top)}%` });
  }
  function show() {
    draw();
    inputs.forEach((input, side) => (input.value = String(Math.round(100 * box[side]))));
  }
  const at = (event) => {
    const place = surface.getBoundingClientRect();
    return [(event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height].map((share) => Math.min(1, Math.max(0, share)));
  };
  surface.addEventListener("pointerdown", (event) => {
    if (frame.hidden || event.button > 0) return;
    from = at(event);
    surface.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  surface.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = at(event);
    box = [Math.min(x, from[0]), Math.min(y, from[1]), Math.max(x, from[0]), Math.max(y, from[1])];
    show();
  });
  for (const name of ["pointerup", "pointercancel"]) surface.addEventListener(name, () => (from = null));
  show();
  return {
    frame,
    fields,
    turn: (on) => {
      frame.hidden = fields.hidden = !on;
      surface.classList.toggle("pr-marking", on);
    },
    shares: () => box.map((share) => Math.round(1000 * share) / 1000),
  };
}
