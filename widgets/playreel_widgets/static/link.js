// Requests to the kernel, and events from it, over any channel that can send and hear messages.

/** A request that the kernel refused, in words for the user. */
export class Refused extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

const SILENT_MS = 20000;

/**
 * One way to the kernel. `channel` is an anywidget model, or anything with `send(content,
 * callbacks, buffers)` and `on("msg:custom", (content, buffers) => ...)`.
 */
export class Link {
  constructor(channel) {
    this.tag = Math.random().toString(36).slice(2, 8);
    this.next = 1;
    this.waiting = new Map();
    this.listeners = new Map();
    this.lost = false;
    this.heard = (content, buffers) => this.receive(content, buffers ?? []);
    this.use(channel);
  }

  /** Talks over another channel from now on, as after a restart of the kernel. */
  use(channel) {
    this.channel?.off?.("msg:custom", this.heard);
    this.channel = channel;
    this.lost = false;
    channel.on("msg:custom", this.heard);
    channel.on("comm_live_update", () => this.check());
  }

  close() {
    this.channel.off?.("msg:custom", this.heard);
    this.listeners.clear();
  }

  /** Sends a request and does not wait for its answer. */
  say(what, args = {}, buffers = []) {
    if (this.lost) return;
    try {
      this.channel.send({ do: what, args }, undefined, buffers);
    } catch {
      this.lose();
    }
  }

  /** Sends a request; resolves to {value, buffers}. */
  ask(what, args = {}, buffers = [], patience = SILENT_MS) {
    const ticket = `${this.tag}-${this.next++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(ticket);
        this.check();
        reject(new Refused({ code: "silent", message: "silent" }));
      }, patience);
      this.waiting.set(ticket, { resolve, reject, timer });
      try {
        this.channel.send({ do: what, args, ticket }, undefined, buffers);
      } catch {
        this.lose();
        reject(new Refused({ code: "lost", message: "lost" }));
      }
    });
  }

  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event).add(listener);
    return () => this.listeners.get(event)?.delete(listener);
  }

  emit(event, value, buffers = []) {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(value, buffers);
  }

  receive(content, buffers) {
    if (content?.ticket !== undefined) {
      const waiting = this.waiting.get(content.ticket);
      if (!waiting) {
        // Another tab's answer, or a refusal of something nobody waits for.
        if (!content.ok && content.ticket === null) this.emit("refused", content.error);
        return;
      }
      this.waiting.delete(content.ticket);
      clearTimeout(waiting.timer);
      if (content.ok) waiting.resolve({ value: content.value, buffers });
      else waiting.reject(new Refused(content.error));
    } else if (content?.event) {
      this.emit(content.event, content.value, buffers);
    }
  }

  /** Finds out whether the kernel still answers. */
  async check() {
    if (this.checking || this.lost) return;
    this.checking = true;
    const ticket = `${this.tag}-${this.next++}`;
    const alive = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), 5000);
      this.waiting.set(ticket, { resolve: () => resolve(true), reject: () => resolve(true), timer });
      try {
        this.channel.send({ do: "ping", ticket }, undefined, []);
      } catch {
        resolve(false);
      }
    });
    this.waiting.delete(ticket);
    this.checking = false;
    if (!alive) this.lose();
  }

  lose() {
    if (this.lost) return;
    this.lost = true;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new Refused({ code: "lost", message: "lost" }));
    }
    this.waiting.clear();
    this.emit("lost");
  }
}

/** A picture from a buffer, which arrives as a DataView. */
export function pictureOf(buffer) {
  const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return createImageBitmap(new Blob([bytes], { type: "image/png" }));
}
