// Plays a take frame by frame from strips of pictures, and shows drawings on it.

import { button, h } from "./dom.js";
import { word } from "./words.js";

export const CHUNK = 24;
const pictures = new Map();

/** Where the strips of a take are: on the server, or inside an offline page. */
let source = (take, chunk) => `media/strip/${take}-${chunk}.png`;
export function setSource(find) {
  source = find;
}

function strip(take, chunk) {
  const key = `${take}-${chunk}`;
  if (!pictures.has(key)) {
    const picture = new Image();
    picture.src = source(take, chunk);
    pictures.set(key, picture.decode().then(() => picture));
    if (pictures.size > 120) pictures.delete(pictures.keys().next().value);
  }
  return pictures.get(key);
}

/** Draws one frame of a take on a canvas that gets its size. */
export async function drawFrame(canvas, take, frames, frame) {
  const chunk = Math.floor(frame / CHUNK);
  const count = Math.min(CHUNK, frames - chunk * CHUNK);
  const picture = await strip(take, chunk);
  const height = picture.naturalHeight / count;
  if (canvas.width !== picture.naturalWidth || canvas.height !== height) {
    canvas.width = picture.naturalWidth;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, (frame % CHUNK) * height, canvas.width, height, 0, 0, canvas.width, height);
}

export function drawStrokes(canvas, strokes) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.strokeStyle = stroke.color;
    context.lineWidth = Math.max(2, stroke.width * canvas.width);
    context.beginPath();
    stroke.points.forEach(([x, y], i) => {
      if (i) context.lineTo(x * canvas.width, y * canvas.height);
      else context.moveTo(x * canvas.width, y * canvas.height);
    });
    if (stroke.points.length === 1) {
      const [x, y] = stroke.points[0];
      context.lineTo(x * canvas.width + 0.1, y * canvas.height);
    }
    context.stroke();
  }
}

export class Player {
  /** @param {{onframe?: (frame: number) => void, label?: string}} given */
  constructor(given = {}) {
    this.onframe = given.onframe ?? (() => {});
    this.screen = h("canvas", { class: "pr-pixels", width: 128, height: 72 });
    this.overlay = h("canvas", { class: "pr-overlay", width: 960, height: 540 });
    this.stage = h("div", { class: "pr-stage", role: "img", "aria-label": given.label ?? word("picture") }, this.screen, this.overlay);
    this.toggle = button(word("playIt"), () => (this.timer ? this.pause() : this.play()), { class: "pr-toggle" });
    this.slider = h("input", { type: "range", min: "0", max: "0", value: "0", "aria-label": word("frame") });
    this.slider.addEventListener("input", () => {
      this.pause();
      this.show(Number(this.slider.value));
    });
    this.count = h("output", { class: "pr-count" }, "0");
    this.element = h("div", { class: "pr-player" }, this.stage, h("div", { class: "pr-transport" }, this.toggle, this.slider, this.count));
    this.frame = 0;
    this.frames = 0;
    this.drawings = () => [];
  }

  async load(take, frames, fps, frame = 0) {
    this.pause();
    Object.assign(this, { take, frames, fps });
    this.slider.max = String(Math.max(0, frames - 1));
    await this.show(Math.min(frame, Math.max(0, frames - 1)));
  }

  async show(frame) {
    this.frame = frame;
    this.slider.value = String(frame);
    this.count.textContent = `${frame + 1} / ${this.frames}`;
    if (this.take && this.frames) {
      await drawFrame(this.screen, this.take, this.frames, frame).catch(() => {});
      const ratio = this.screen.height / this.screen.width;
      this.stage.style.aspectRatio = `${this.screen.width} / ${this.screen.height}`;
      if (Math.abs(this.overlay.height / this.overlay.width - ratio) > 0.001) this.overlay.height = Math.round(960 * ratio);
    }
    drawStrokes(this.overlay, this.drawings(frame));
    this.onframe(frame);
  }

  play() {
    if (!this.frames) return;
    this.toggle.textContent = word("pause");
    this.timer = setInterval(() => this.show((this.frame + 1) % this.frames), 1000 / this.fps);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.toggle.textContent = word("playIt");
  }
}
