// ClipShelf: every take, with how it was made.
import { button, h } from "./dom.js";
import { icon } from "./icons.js";

export const OPERATION_ICONS = { still: "image", capture: "capture", extend: "extend", loop: "loop", bridge: "bridge", restyle: "restyle", shoot: "shoot", animate: "play", export: "export", starts: "extend", inpaint: "region", transition: "bridge", sequence: "board", finish: "restyle", make: "shoot", retake: "retry", export_series: "export" };
export const TAKE_TYPE = "application/x-playreel-take";

const secondsOf = (take) => {
  const [a, b = 1] = take.fps.split("/").map(Number);
  return take.frames / (a / b);
};

export function lengthOf(take, t) {
  return take.frames === 1 ? t("stillWord") : `${secondsOf(take).toFixed(1)} s`;
}

export function shelfView(context, options = {}) {
  const { link, t, notes, clips, bus } = context;
  let query = "";
  let kind = "";
  let starred = false;
  let pair = [];
  const cards = new Map();

  const search = h("input", { type: "search", placeholder: t("filter"), "aria-label": t("filter"), oninput: () => filter() });
  const kinds = h("select", { "aria-label": t("madeBy"), onchange: () => filter() });
  const starButton = button(t("starredOnly"), { name: "star", bare: true, quiet: true, "aria-pressed": "false", onclick: () => {
    starred = !starred;
    starButton.setAttribute("aria-pressed", String(starred));
    filter();
  } });
  const list = h("ul.pr-cards", { "aria-label": t("shelf") });
  const empty = h("div.pr-empty", { hidden: true }, icon("film"), h("span", {}, t("shelfEmpty")));
  const details = h("div.pr-details", { hidden: true });
  const compare = h("div.pr-compare", { hidden: true });

  function filter() {
    query = search.value.trim().toLowerCase();
    kind = kinds.value;
    let shown = 0;
    for (const [hash, card] of cards) {
      const take = clips.takes.get(hash);
      const fits = (!query || `${take.text} ${take.name} ${take.operation}`.toLowerCase().includes(query)) && (!kind || take.operation === kind) && (!starred || take.star);
      card.hidden = !fits;
      shown += fits;
    }
    empty.hidden = shown > 0;
  }

  function card(take) {
    const canvas = clips.canvas(take.hash);
    const star = button(t("star"), { name: "star", bare: true, quiet: true, onclick: (event) => {
      event.stopPropagation();
      link.ask("star", { take: take.hash, on: !clips.takes.get(take.hash).star }).catch(notes.refuse);
    } });
    star.classList.add("pr-star");
    const pick = h(
      "button.pr-card", { type: "button", "aria-pressed": "false", draggable: true, onclick: (event) => choose(take.hash, event.shiftKey || event.ctrlKey || event.metaKey) },
      canvas,
      h("span.pr-caption", {}, icon(OPERATION_ICONS[take.operation] ?? "film"), h("span.pr-words", {}, take.text || t(take.operation)), h("span.pr-faint", {}, lengthOf(take, t))),
    );
    pick.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData(TAKE_TYPE, take.hash);
      event.dataTransfer.effectAllowed = "copy";
    });
    for (const [on, names] of [[true, ["pointerenter", "focus"]], [false, ["pointerleave", "blur"]]]) {
      for (const name of names) pick.addEventListener(name, () => take.frames > 1 && canvas.move(on));
    }
    const el = h("li", {}, pick, star);
    el.update = () => {
      const now = clips.takes.get(take.hash);
      pick.setAttribute("aria-pressed", String(clips.selected === take.hash));
      pick.setAttribute("aria-label", `${t(now.operation)}, ${now.text || now.name}, ${lengthOf(now, t)}`);
      star.setAttribute("aria-pressed", String(Boolean(now.star)));
    };
    el.stop = canvas.stop;
    return el;
  }

  function show() {
    for (const [hash, el] of cards) {
      if (clips.takes.has(hash)) continue;
      el.stop();
      el.remove();
      cards.delete(hash);
    }
    const used = new Set();
    let place = list.firstChild;
    for (const take of clips.takes.values()) {
      used.add(take.operation);
      let el = cards.get(take.hash);
      if (!el) cards.set(take.hash, (el = card(take)));
      if (el !== place) list.insertBefore(el, place);
      else place = place.nextSibling;
      el.update();
    }
    const have = [...kinds.options].map((o) => o.value).join();
    const want = ["", ...[...used].sort()];
    if (have !== want.join()) kinds.replaceChildren(...want.map((value) => h("option", { value, selected: value === kind }, value ? t(value) : t("all"))));
    kinds.hidden = used.size < 2;
    filter();
    if (shownDetails !== clips.selected) tellOf(clips.selected);
  }

  function choose(hash, second) {
    if (second && clips.selected && clips.selected !== hash) return sideBySide(clips.selected, hash);
    pair = [];
    clips.select(hash);
  }

  // -- how it was made -----------------------------------------------------------------------------

  let shownDetails = null;
  async function tellOf(hash) {
    shownDetails = hash;
    const take = clips.takes.get(hash);
    details.hidden = !take;
    if (!take) return;
    const rows = h("dl.pr-facts");
    const acts = h(
      "div.pr-row.pr-actions", {},
      button(t("play"), { name: "play", title: t("playFrom"), onclick: () => link.ask("world", { take: hash }, [], 60000).then(() => bus.emit("tab", "play")).catch(notes.refuse) }),
      button(t("toBoard"), { name: "add", onclick: () => link.ask("board-add", { take: hash }).then(() => notes.show(t("onBoard"), { kind: "info" })).catch(notes.refuse) }),
    );
    const beside = clips.takes.size > 1 ? button(t("compare"), { name: "compare", bare: true, quiet: true, onclick: () => sideBySide(hash, [...clips.takes.keys()].find((other) => other !== hash)) }) : null;
    const told = h("p.pr-told", { hidden: true, "aria-live": "polite" });
    const tell = button(t("describe"), { name: "words", bare: true, quiet: true, onclick: async () => {
      tell.disabled = true;
      told.hidden = false;
      told.textContent = t("making");
      try {
        const { value } = await link.ask("describe", { take: hash, language: details.closest("[lang=zh-CN]") ? "zh" : "en" }, [], 120000);
        told.textContent = value.text;
      } catch (error) {
        told.hidden = true;
        notes.refuse(error);
      }
      tell.disabled = false;
    } });
    const head = h("div.pr-detailshead", {}, h("h3", {}, t("howMade")), h("span.pr-spring"), take.frames > 1 ? tell : null, beside);
    details.replaceChildren(head, rows, told, acts);
    try {
      const { value } = await link.ask("recipe", { take: hash });
      if (shownDetails !== hash) return;
      rows.append(...facts(value, take));
      if (value.recipe.options?.draft) acts.append(button(t("finish"), { name: "finish", title: t("finishHint"), onclick: () => link.ask("finish", { take: hash }).catch(notes.refuse) }));
    } catch (error) {
      notes.refuse(error);
    }
  }

  function facts(value, take) {
    const { recipe } = value;
    const chosen = recipe.options ?? {};
    const measured = chosen.measured ?? {};
    const pairs = [
      [t("madeBy"), t(recipe.operation ?? take.operation)],
      [t("promptShort"), typeof chosen.prompt === "string" && chosen.prompt !== "…" ? chosen.prompt : null],
      [t("pressed"), recipe.actions?.length ? take.text : null],
      [t("lengthWord"), `${value.frames} ${t("frames")} · ${value.size.join("×")}`],
      [t("seam"), measured.seam?.length ? measured.seam.map((s) => s.toFixed(2)).join(", ") : null],
      [t("kept"), measured.kept_exact !== undefined ? `${(100 * measured.kept_exact).toFixed(0)} %` : null],
      [t("drift"), measured.drift ? `${measured.drift.colour.toFixed(1)} / ${measured.drift.sharpness.toFixed(2)}` : null],
      [t("draft"), chosen.draft ? t("yes") : null],
      [t("strength"), chosen.strength],
      [t("seed"), recipe.seed],
      [t("engine"), [recipe.engine, recipe.weights?.slice(0, 12)].filter(Boolean).join(" · ")],
      [t("parents"), recipe.parents?.length ? recipe.parents.map((p) => p.slice(0, 12)).join(", ") : null],
      [t("take"), take.name],
    ];
    return pairs.filter(([, text]) => text !== null && text !== undefined && text !== "").flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, String(text))]);
  }

  function sideBySide(first, second) {
    pair = [first, second];
    const shown = pair.map((hash) => {
      const take = clips.takes.get(hash);
      const canvas = clips.canvas(hash, { autoplay: true, label: take.text || take.name });
      const others = h("select", { "aria-label": t("take"), onchange: () => sideBySide(...(hash === first ? [others.value, second] : [first, others.value])) },
        ...[...clips.takes.values()].slice(0, 100).map((o) => h("option", { value: o.hash, selected: o.hash === hash }, `${t(o.operation)} · ${o.text || o.name}`.slice(0, 60))));
      return h("figure", {}, canvas, h("figcaption", {}, others));
    });
    compare.replaceChildren(h("div.pr-comparehead", {}, h("h3", {}, t("compare")), h("span.pr-spring"), button(t("dismiss"), { name: "close", bare: true, quiet: true, onclick: () => {
      compare.hidden = true;
      compare.replaceChildren();
    } })), h("div.pr-two", {}, ...shown));
    compare.hidden = false;
  }

  const el = h(
    "section.pr-shelf", { "aria-label": t("shelf") },
    h("div.pr-filter", {}, search, kinds, starButton),
    list, empty, compare, details,
  );
  const off = clips.onchange(show);
  if (options.load !== false) clips.load().catch(notes.refuse);
  return {
    el,
    dispose: () => {
      off();
      for (const c of cards.values()) c.stop();
    },
  };
}
