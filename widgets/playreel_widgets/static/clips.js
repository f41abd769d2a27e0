// Pictures of takes: fetched once, shown in many places.
import { h, paint, Strip } from "./dom.js";
import { pictureOf } from "./link.js";

export class Clips {
  constructor(link) {
    this.link = link;
    this.takes = new Map(); // hash -> entry, the latest first
    this.posters = new Map();
    this.strips = new Map();
    this.listeners = new Set();
    this.selected = null;
    link.on("made", (entry, buffers) => {
      if (buffers[0]) this.posters.set(entry.hash, pictureOf(buffers[0]));
      this.takes = new Map([[entry.hash, { star: this.takes.get(entry.hash)?.star ?? false, ...entry }], ...[...this.takes].filter(([hash]) => hash !== entry.hash)]);
      this.changed();
    });
    link.on("stars", (hashes) => {
      for (const take of this.takes.values()) take.star = hashes.includes(take.hash);
      this.changed();
    });
    link.on("selected", (hash) => {
      this.selected = hash;
      this.changed();
    });
    link.on("back", () => this.load());
  }

  onchange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  async load() {
    const [{ value: takes }, { value: hello }] = await Promise.all([this.link.ask("takes"), this.link.ask("hello")]);
    this.takes = new Map(takes.map((take) => [take.hash, take]));
    this.selected = hello.selected ?? takes[0]?.hash ?? null;
    this.hello = hello;
    this.changed();
  }

  select(hash) {
    this.selected = hash;
    this.changed();
    this.link.say("select", { take: hash });
  }

  poster(hash) {
    if (!this.posters.has(hash)) {
      const asked = this.link.ask("poster", { take: hash }).then(({ buffers }) => pictureOf(buffers[0]));
      asked.catch(() => this.posters.delete(hash));
      this.posters.set(hash, asked);
    }
    return this.posters.get(hash);
  }

  strip(hash, side = 1024) {
    const key = `${hash}:${side}`;
    if (!this.strips.has(key)) {
      const asked = this.link.ask("strip", { take: hash, side }).then(async ({ value, buffers }) => ({ ...value, bitmap: await pictureOf(buffers[0]) }));
      asked.catch(() => this.strips.delete(key));
      this.strips.set(key, asked);
      if (this.strips.size > 40) this.strips.delete(this.strips.keys().next().value);
    }
    return this.strips.get(key);
  }

  /** Frames of a take side by side, as many as there is room for, once it is seen; for a strip of time. */
  film(hash, { label = "" } = {}) {
    const canvas = h("canvas.pr-pixels.pr-clip", { width: 128, height: 72, role: "img", "aria-label": label });
    const watch = new IntersectionObserver(async (seen) => {
      if (!seen.at(-1).isIntersecting) return;
      watch.disconnect();
      try {
        const poster = await this.poster(hash);
        paint(canvas, poster);
        const { width, height } = canvas.getBoundingClientRect();
        const room = Math.min(24, Math.ceil((width / height / poster.width) * poster.height));
        canvas.dataset.frames = String(Math.max(1, room));
        if (room < 2) return;
        const { bitmap, frames } = await this.strip(hash, 128);
        const tall = bitmap.height / frames;
        Object.assign(canvas, { width: room * bitmap.width, height: tall });
        const brush = canvas.getContext("2d");
        for (let i = 0; i < room; i++) {
          const frame = Math.floor(((i + 0.5) / room) * frames);
          brush.drawImage(bitmap, 0, frame * tall, bitmap.width, tall, i * bitmap.width, 0, bitmap.width, tall);
        }
      } catch {
        canvas.classList.add("pr-missing");
      }
    });
    watch.observe(canvas);
    return canvas;
  }

  /** A canvas that shows a take's poster once it is seen, and moves while hovered or told to. */
  canvas(hash, { autoplay = false, label = "" } = {}) {
    const canvas = h("canvas.pr-pixels.pr-clip", { width: 128, height: 72, ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
    let strip = null;
    let wanted = autoplay;
    const move = async (on) => {
      wanted = on;
      if (on && !strip) {
        try {
          const { bitmap, frames, seconds } = await this.strip(hash);
          strip = new Strip(canvas, bitmap, frames, frames / seconds);
        } catch {
          return; // the poster stays
        }
      }
      strip?.run(wanted && canvas.isConnected);
    };
    const watch = new IntersectionObserver(async ([seen]) => {
      if (!seen.isIntersecting) return strip?.run(false);
      watch.disconnect();
      try {
        if (!strip) paint(canvas, await this.poster(hash));
      } catch {
        canvas.classList.add("pr-missing");
      }
      if (autoplay) move(true);
    });
    watch.observe(canvas);
    canvas.move = move;
    canvas.show = (index) => strip?.show(index);
    canvas.stop = () => {
      watch.disconnect();
      strip?.run(false);
    };
    return canvas;
  }
}
