// The way in: one module for every widget; which view it shows is the widget's own word.
import { boardView } from "./board.js";
import { Clips } from "./clips.js";
import { deskView } from "./desk.js";
import { button, h, notices } from "./dom.js";
import { Link } from "./link.js";
import { queueView } from "./queue.js";
import { shelfView } from "./shelf.js";
import { sketchView } from "./sketch.js";
import { studioView } from "./studio.js";
import { languageOf, rememberLanguage, speaker } from "./words.js";
import { worldView } from "./world.js";

const VIEWS = { sketch: sketchView, world: worldView, shelf: shelfView, desk: deskView, board: boardView, queue: queueView, studio: studioView };
const LOADS_CLIPS = ["desk", "board", "queue"];
let count = 0;

/** Events between the views of one panel. */
class Bus {
  constructor() {
    this.listeners = new Map();
  }
  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event).add(listener);
    return () => this.listeners.get(event).delete(listener);
  }
  emit(event, value) {
    for (const listener of this.listeners.get(event) ?? []) listener(value);
  }
}

/** Puts a view into `el`; `channel` is how to reach the kernel. Returns what takes it away again. */
export function mount({ el, channel, view, options = {}, language = "" }) {
  const link = new Link(channel);
  // JupyterLab's own keys stay out of the way of ours.
  const root = h("div.pr-root", { "data-lm-suppress-shortcuts": "true", "data-view": view });
  el.append(root);
  let shown = null;
  let notes = null;

  function build(spoken) {
    shown?.dispose();
    link.listeners.clear();
    const t = speaker(spoken);
    notes = notices(t);
    const other = spoken === "zh" ? "en" : "zh";
    const languageButton = button(other === "zh" ? "中文" : "English", { quiet: true, lang: other === "zh" ? "zh-CN" : "en", onclick: () => {
      rememberLanguage(other);
      build(other);
    } });
    root.lang = spoken === "zh" ? "zh-CN" : "en";
    const clips = new Clips(link);
    const context = { link, t, notes, clips, bus: new Bus(), languageButton, id: `pr${++count}` };
    shown = VIEWS[view](context, options);
    if (LOADS_CLIPS.includes(view)) clips.load().catch(notes.refuse);
    root.replaceChildren(notes, shown.el);
    link.on("refused", (error) => notes.refuse(error));
    link.on("lost", () => lose(t));
    if (link.lost) lose(t);
  }

  let note = null;
  function back(fresh) {
    link.use(fresh);
    root.classList.remove("pr-lost");
    note?.remove();
    link.emit("back");
  }

  function lose(t) {
    root.classList.add("pr-lost");
    const again = button(t("reconnect"), { onclick: () => {
      // The JupyterLab plugin hears this and brings a new channel; without it the cell must run.
      const detail = { project: options.project, accept: back };
      const unheard = root.dispatchEvent(new CustomEvent("playreel:reconnect", { bubbles: true, cancelable: true, detail }));
      if (unheard) note.querySelector("span").textContent = `${t("lost")} ${t("lostTodo")}`;
      else again.lastChild.textContent = t("reconnecting");
    } });
    note = notes.show(t("lost"), { stays: true, action: again });
  }

  build(languageOf(language));
  // A kernel that died says nothing; the next thing that the user does finds out.
  let looked = Date.now();
  const look = () => {
    if (Date.now() - looked < 10000) return;
    looked = Date.now();
    link.check();
  };
  // What the panel has no use for, such as Ctrl+S, goes to JupyterLab after all.
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || !root.closest(".lm-Widget")) return;
    const { key, code, keyCode, ctrlKey, metaKey, shiftKey, altKey } = event;
    const same = new KeyboardEvent("keydown", { key, code, keyCode, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true });
    if (!root.parentElement.dispatchEvent(same)) event.preventDefault();
  });
  root.addEventListener("pointerdown", look);
  root.addEventListener("keydown", look);
  const dispose = () => {
    shown.dispose();
    link.close();
    root.remove();
  };
  return Object.assign(dispose, { link, back });
}

export function render({ model, el }) {
  return mount({ el, channel: model, view: model.get("_view"), options: model.get("_options"), language: model.get("language") });
}
