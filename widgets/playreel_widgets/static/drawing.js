// A drawing as the list of acts that made it. Undo draws the list again, from the nearest picture
// kept on the way, so that ten thousand acts cost points in memory and not ten thousand pictures.

const EVERY = 100; // acts between two kept pictures
const KEPT = 12;
export const MAX_ACTS = 20000;

/** Flood fill on an ImageData, by scan lines; transparent counts as its own colour. */
function flood(image, x, y, colour) {
  const { width, height, data } = image;
  const cells = new Uint32Array(data.buffer);
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const paint = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  // Edges of strokes are soft: what is mostly covered stops the paint.
  const open = (cell, seed) => (seed >>> 24 < 128 ? cell >>> 24 < 128 : cell === seed);
  const seed = cells[y * width + x];
  if (seed === paint) return;
  const done = new Uint8Array(width * height);
  const stack = [[x, y]];
  while (stack.length) {
    const [px, py] = stack.pop();
    let left = px;
    const row = py * width;
    if (done[row + left] || !open(cells[row + left], seed)) continue;
    while (left > 0 && !done[row + left - 1] && open(cells[row + left - 1], seed)) left--;
    let above = false;
    let below = false;
    for (let at = left; at < width && !done[row + at] && open(cells[row + at], seed); at++) {
      done[row + at] = 1;
      for (const [next, going, set] of [
        [py - 1, above, (v) => (above = v)],
        [py + 1, below, (v) => (below = v)],
      ]) {
        if (next < 0 || next >= height) continue;
        const free = !done[next * width + at] && open(cells[next * width + at], seed);
        if (free && !going) stack.push([at, next]);
        set(free);
      }
    }
  }
  for (let i = 0; i < done.length; i++) if (done[i]) cells[i] = paint;
}

export class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.acts = [];
    this.length = 0; // acts that count; those after it were undone
    this.kept = []; // [number of acts, canvas]
  }

  get empty() {
    return !this.acts.slice(0, this.length).some((act) => act.kind !== "clear" && act.kind !== "erase");
  }

  get canUndo() {
    return this.length > 0;
  }

  get canRedo() {
    return this.length < this.acts.length;
  }

  resize(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.kept = [];
    this.replay(0);
  }

  /** Adds an act that is drawn already, or draws it. */
  add(act, { drawn = false } = {}) {
    this.acts.length = this.length;
    if (this.length >= MAX_ACTS) {
      this.acts.splice(0, 1, { kind: "picture", bitmap: this.snapshot(), whole: true });
      this.acts.splice(1, 0);
    }
    this.kept = this.kept.filter(([count]) => count <= this.length);
    this.acts.push(act);
    this.length = this.acts.length;
    if (!drawn) this.draw(act);
    if (this.length % EVERY === 0) this.keep();
  }

  undo() {
    if (!this.canUndo) return;
    this.length--;
    this.kept = this.kept.filter(([count]) => count <= this.length);
    this.replay(...(this.kept.at(-1) ?? [0]));
  }

  redo() {
    if (this.canRedo) this.draw(this.acts[this.length++]);
  }

  replay(from, picture) {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (picture) this.context.drawImage(picture, 0, 0);
    // Undoing far back leaves pictures on the way, ever closer, so that the next steps back are quick.
    const marks = new Set();
    for (let gap = EVERY / 2; this.length - gap > from; gap *= 2) marks.add(this.length - gap);
    for (let i = from; i < this.length; i++) {
      this.draw(this.acts[i]);
      if (marks.has(i + 1)) this.keep(i + 1);
    }
  }

  /** Keeps a picture; of too many goes the one whose loss costs least, so that they lie ever closer to the end. */
  keep(count = this.length) {
    this.kept = this.kept.filter(([other]) => other !== count);
    this.kept.push([count, this.snapshot()]);
    this.kept.sort((a, b) => a[0] - b[0]);
    if (this.kept.length <= KEPT) return;
    const cost = (i) => (this.kept[i + 1][0] - (this.kept[i - 1]?.[0] ?? 0)) / (this.length - this.kept[i][0] + EVERY);
    let least = 0;
    for (let i = 1; i < KEPT; i++) if (cost(i) < cost(least)) least = i;
    this.kept.splice(least, 1);
  }

  snapshot() {
    const copy = document.createElement("canvas");
    copy.width = this.canvas.width;
    copy.height = this.canvas.height;
    copy.getContext("2d").drawImage(this.canvas, 0, 0);
    return copy;
  }

  draw(act) {
    const { context, canvas } = this;
    if (act.kind === "clear") {
      context.clearRect(0, 0, canvas.width, canvas.height);
    } else if (act.kind === "fill") {
      const image = context.getImageData(0, 0, canvas.width, canvas.height);
      const x = Math.min(canvas.width - 1, Math.max(0, Math.floor(act.x * canvas.width)));
      const y = Math.min(canvas.height - 1, Math.max(0, Math.floor(act.y * canvas.height)));
      flood(image, x, y, act.colour);
      context.putImageData(image, 0, 0);
    } else if (act.kind === "picture") {
      const { bitmap } = act;
      const ratio = act.whole ? 1 : Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
      const [width, height] = [bitmap.width * ratio, bitmap.height * ratio];
      context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    } else {
      for (let i = 0; i < act.points.length; i++) this.segment(act, i);
    }
  }

  /** Draws the piece of a stroke that ends at its point `i`; points are [x, y, pressure] in 0..1. */
  segment(act, i) {
    const { context, canvas } = this;
    const [x, y, pressure] = act.points[i];
    const [px, py] = act.points[Math.max(0, i - 1)];
    context.save();
    context.globalCompositeOperation = act.kind === "erase" ? "destination-out" : "source-over";
    context.strokeStyle = act.colour ?? "#000000";
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = Math.max(1, act.size * (0.35 + 0.65 * pressure) * (canvas.width / 768));
    context.beginPath();
    context.moveTo(px * canvas.width, py * canvas.height);
    context.lineTo(x * canvas.width + 0.01, y * canvas.height);
    context.stroke();
    context.restore();
  }
}
