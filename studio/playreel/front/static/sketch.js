// A drawing canvas: on a sheet of its own, or over a frame.

import { button, h } from "./dom.js";
import { drawStrokes } from "./player.js";
import { word } from "./words.js";

/** Lets strokes be drawn on a canvas, in shares of its size. */
export class Strokes {
  constructor(canvas, { color = "#1c1b19", width = 0.012, onchange = () => {} } = {}) {
    Object.assign(this, { canvas, color, width, onchange });
    this.list = [];
    this.on = true;
    canvas.style.touchAction = "none";
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.end());
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = (value) => Math.round(Math.min(1, Math.max(0, value)) * 10000) / 10000;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  begin(event) {
    if (!this.on) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.now = { color: this.color, width: this.width, points: [this.place(event)] };
    this.list.push(this.now);
    this.redraw();
  }

  move(event) {
    if (!this.now || this.now.points.length > 800) return;
    this.now.points.push(this.place(event));
    this.redraw();
  }

  end() {
    if (this.now) this.onchange();
    this.now = undefined;
  }

  undo() {
    this.list.pop();
    this.redraw();
    this.onchange();
  }

  clear() {
    this.list = [];
    this.redraw();
    this.onchange();
  }

  redraw() {
    drawStrokes(this.canvas, this.list);
  }
}

/** The sheet of the Make page. */
export class Sketch {
  constructor() {
    this.canvas = h("canvas", { class: "pr-sheet", width: 768, height: 432, role: "img", "aria-label": word("sheet") });
    this.strokes = new Strokes(this.canvas, { width: 0.012 });
    this.file = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true });
    this.file.addEventListener("change", () => this.load(this.file.files[0]));
    this.state = h("span", { class: "pr-faint" });
    this.element = h(
      "div",
      { class: "pr-sketch" },
      this.canvas,
      h(
        "div",
        { class: "pr-row" },
        button(word("undo"), () => this.strokes.undo()),
        button(word("clear"), () => this.clear()),
        button(word("loadPicture"), () => this.file.click()),
        this.file,
        this.state,
      ),
    );
  }

  setSize(size) {
    const [width, height] = { "9:16": [432, 768], "1:1": [560, 560] }[size] ?? [768, 432];
    Object.assign(this.canvas, { width, height });
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.strokes.redraw();
  }

  /** A picture to start from; made smaller here, so that little is sent. */
  async load(file) {
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) {
      this.state.textContent = word("noPicture");
      return;
    }
    const ratio = Math.min(1, 768 / Math.max(picture.width, picture.height));
    const canvas = h("canvas", { width: Math.round(picture.width * ratio), height: Math.round(picture.height * ratio) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    this.image = canvas.toDataURL("image/jpeg", 0.92);
    this.state.textContent = file.name;
  }

  clear() {
    this.strokes.clear();
    this.image = undefined;
    this.file.value = "";
    this.state.textContent = "";
  }

  /** The drawing as a data URL, black on white, or "". */
  ink() {
    if (!this.strokes.list.length) return "";
    const canvas = h("canvas", { width: this.canvas.width, height: this.canvas.height });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const ink = h("canvas", { width: canvas.width, height: canvas.height });
    drawStrokes(ink, this.strokes.list.map((stroke) => ({ ...stroke, color: "#000000" })));
    context.drawImage(ink, 0, 0);
    return canvas.toDataURL("image/png");
  }
}
