// The way in: one module for every widget; which view it shows is the widget's own word.
import { button, h, notices } from "./dom.js";
import { Link } from "./link.js";
import { sketchView } from "./sketch.js";
import { languageOf, speaker } from "./words.js";
import { worldView } from "./world.js";

const VIEWS = { sketch: sketchView, world: worldView };

/** Puts a view into `el`; `channel` is how to reach the kernel. Returns what takes it away again. */
export function mount({ el, channel, view, options = {}, language = "" }) {
  const link = new Link(channel);
  const spoken = languageOf(language);
  const t = speaker(spoken);
  const notes = notices(t);
  // JupyterLab's own keys stay out of the way of ours.
  const root = h("div.pr-root", { lang: spoken === "zh" ? "zh-CN" : "en", "data-lm-suppress-shortcuts": "true" });
  const shown = VIEWS[view]({ link, t, notes }, options);
  root.append(notes, shown.el);
  el.append(root);

  link.on("refused", (error) => notes.refuse(error));
  link.on("lost", () => {
    root.classList.add("pr-lost");
    let note = null;
    const again = button(t("reconnect"), {
      onclick: () => {
        // The JupyterLab plugin hears this and brings a new channel; without it the cell must run.
        const detail = { project: options.project, accept: (fresh) => (link.use(fresh), root.classList.remove("pr-lost"), note.remove(), link.emit("back")) };
        const alone = root.dispatchEvent(new CustomEvent("playreel:reconnect", { bubbles: true, cancelable: true, detail }));
        if (alone) note.querySelector("span").textContent = `${t("lost")} ${t("lostTodo")}`;
        else again.lastChild.textContent = t("reconnecting");
      },
    });
    note = notes.show(t("lost"), { stays: true, action: again });
  });
  // A kernel that died says nothing; the next thing the user does finds out.
  root.addEventListener("pointerdown", () => Date.now() - asked > 15000 && look());
  root.addEventListener("keydown", () => Date.now() - asked > 15000 && look());
  let asked = Date.now();
  const look = () => {
    asked = Date.now();
    link.check();
  };
  return () => {
    shown.dispose();
    link.close();
    root.remove();
  };
}

export function render({ model, el }) {
  return mount({ el, channel: model, view: model.get("_view"), options: model.get("_options"), language: model.get("language") });
}
