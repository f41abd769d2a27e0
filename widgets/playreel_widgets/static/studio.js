// StudioApp: sketch, play, film and board under one roof, and the shelf beside them.
import { boardView } from "./board.js";
import { deskView } from "./desk.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { shelfView } from "./shelf.js";
import { sketchView } from "./sketch.js";
import { worldView } from "./world.js";

const TABS = [["sketch", "pen", sketchView], ["play", "play", worldView], ["film", "film", deskView], ["board", "board", boardView]];

export function studioView(context, options = {}) {
  const { t, bus, clips, link } = context;
  const shown = new Map();
  const stage = h("div.pr-main");
  const name = h("span.pr-project");
  const tabs = h("div.pr-tabs", { role: "tablist", "aria-label": "Playreel" });
  let current = null;

  for (const [key, iconName] of TABS) {
    tabs.append(h("button.pr-tab", { type: "button", role: "tab", id: `${context.id}-${key}`, "aria-selected": "false", tabIndex: -1, onclick: () => open(key) }, icon(iconName), h("span", {}, t(`tab-${key}`))));
  }
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = TABS.findIndex(([key]) => key === current);
    open(TABS[(at + step + TABS.length) % TABS.length][0]);
    tabs.querySelector('[aria-selected="true"]').focus();
  });

  function open(key) {
    const tab = TABS.find(([k]) => k === key) ?? TABS[0];
    current = tab[0];
    if (!shown.has(current)) {
      const view = tab[2](context, options);
      const panel = h("div.pr-tabpanel", { role: "tabpanel", "aria-labelledby": `${context.id}-${current}` }, view.el);
      shown.set(current, { ...view, panel });
      stage.append(panel);
    }
    for (const [k, { panel }] of shown) panel.hidden = k !== current;
    [...tabs.children].forEach((el, i) => {
      const on = TABS[i][0] === current;
      el.setAttribute("aria-selected", String(on));
      el.tabIndex = on ? 0 : -1;
    });
    try {
      sessionStorage.setItem(slot, current);
    } catch {
      // not remembered, then
    }
  }
  const slot = `playreel:tab:${options.project ?? ""}`;

  const shelf = shelfView(context, { ...options, load: false });
  const off = [
    bus.on("tab", open),
    bus.on("enter", () => {
      open("play");
      shown.get("play").focus?.();
    }),
  ];
  clips.load().then(() => (name.textContent = clips.hello.project)).catch(context.notes.refuse);
  off.push(link.on("back", () => {
    for (const [, view] of shown) view.refresh?.();
  }));
  let first = options.tab ?? "sketch";
  try {
    first = sessionStorage.getItem(slot) ?? first;
  } catch {
    // as asked, then
  }
  open(first);
  const el = h(
    "div.pr-studio", {},
    h("header.pr-head", {}, h("span.pr-brand", {}, "Playreel"), name, tabs, context.languageButton),
    h("div.pr-body", {}, stage, h("aside.pr-aside", { "aria-label": t("shelf") }, h("h3", {}, t("shelf")), shelf.el)),
  );
  return {
    el,
    dispose: () => {
      off.forEach((f) => f());
      shelf.dispose();
      for (const view of shown.values()) view.dispose();
    },
  };
}
