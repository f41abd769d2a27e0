// Board: the shots as a grid, and the animatic that plays them one after the other.

import { act, attempt, notice } from "./act.js";
import { button, field, h, option } from "./dom.js";
import { Player } from "./player.js";
import { shared } from "./shared.js";
import { LANGUAGE, word } from "./words.js";

/** Plays shots in their order, with what is said below. */
export class Animatic {
  constructor() {
    this.player = new Player({ label: word("animatic") });
    this.player.toggle.replaceWith((this.toggle = button(word("playAll"), () => (this.timer ? this.pause() : this.play()), { class: "pr-primary" })));
    this.player.slider.oninput = null;
    this.caption = h("p", { class: "pr-said", "aria-live": "polite" });
    this.player.stage.append(this.caption);
    this.element = this.player.element;
    this.shots = [];
    this.at = 0;
    this.player.slider.addEventListener("input", (event) => {
      this.pause();
      this.show(Number(event.target.value));
    });
  }

  set(shots) {
    this.shots = shots.filter((shot) => shot.frames > 0);
    this.starts = [];
    let total = 0;
    for (const shot of this.shots) {
      this.starts.push(total);
      total += Math.round((shot.frames / shot.fps) * 12);
    }
    this.total = total;
    this.toggle.disabled = !total;
    this.show(Math.min(this.at, Math.max(0, total - 1)));
  }

  async show(at) {
    this.at = at;
    if (!this.total) return;
    let index = this.starts.findLastIndex((start) => start <= at);
    index = Math.max(0, index);
    const shot = this.shots[index];
    const frame = Math.min(shot.frames - 1, Math.floor(((at - this.starts[index]) / 12) * shot.fps));
    Object.assign(this.player, { take: shot.take, frames: shot.frames });
    this.player.slider.max = String(this.total - 1);
    await this.player.show(frame);
    this.player.slider.value = String(at);
    this.player.count.textContent = `${shot.number} · ${(at / 12).toFixed(1)} / ${(this.total / 12).toFixed(1)} s`;
    this.caption.textContent = shot.dialogue;
    this.caption.hidden = !shot.dialogue;
    this.element.dataset.shot = shot.shot;
  }

  play() {
    if (!this.total) return;
    if (this.at >= this.total - 1) this.at = 0;
    this.toggle.textContent = word("pause");
    this.timer = setInterval(() => (this.at >= this.total - 1 ? this.pause() : this.show(this.at + 1)), 1000 / 12);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.toggle.textContent = word("playAll");
  }
}

export function mountBoard(root) {
  const animatic = new Animatic();
  const grid = h("ol", { class: "pr-grid" });
  const films = h("p", { class: "pr-films pr-faint" });
  const name = h("input", { type: "text", value: "film.mp4", maxlength: "60" });
  const preset = h("select", {});
  const cut = button(word("exportFilm"), () => attempt(exportFilm, cut), { class: "pr-primary" });
  const editing = h("div", { class: "pr-row", hidden: true }, field(word("fileName"), name), field(word("preset"), preset), cut,
    button(word("undo"), () => attempt(async () => (await act("undo"), await refresh()))), button(word("redo"), () => attempt(async () => (await act("redo"), await refresh()))));
  root.replaceChildren(animatic.element, editing, films, grid);
  let sizes = {};

  async function refresh() {
    const found = await act("board");
    sizes = found.sizes;
    editing.hidden = !shared.may("export");
    if (!preset.options.length) preset.replaceChildren(option("", word("presetAny")), ...found.presets.map((entry) => option(entry)));
    animatic.set(found.shots);
    grid.replaceChildren(...(found.shots.length ? found.shots.map((shot) => card(shot, found.shots.length)) : [h("li", { class: "pr-empty" }, word("boardEmpty"))]));
    shared.shots = found.shots;
    shared.tell("shots");
    await listFilms();
  }

  async function listFilms() {
    const found = await act("films");
    films.replaceChildren(...found.films.flatMap((film) => [h("a", { href: `media/film/${film}`, download: film }, film), " "]));
  }

  async function exportFilm() {
    const job = await act("export", { name: name.value, preset: preset.value });
    notice(`${word("queuedJob")} #${job.number}`);
  }

  function card(shot, count) {
    const may = shared.may("change_shot");
    const change = (key, element) => element.addEventListener("change", () => attempt(async () => (await act("change_shot", { shot: shot.shot, [key]: element.value }), await refresh())));
    const dialogue = h("textarea", { rows: "2", maxlength: "2000", value: shot.dialogue });
    const description = h("textarea", { rows: "2", maxlength: "2000", value: shot.description });
    const size = h("select", {}, option("", "–"), ...Object.entries(sizes).map(([code, names]) => option(code, `${code} ${names[LANGUAGE]}`)));
    size.value = shot.size;
    change("dialogue", dialogue);
    change("description", description);
    change("size", size);
    const step = (to, label, sign) => button(sign, () => attempt(async () => (await act("move_shot", { shot: shot.shot, to }), await refresh())), { "aria-label": label, title: label, class: "pr-bare", disabled: to < 1 || to > count });
    return h("li", { class: "pr-shot", "data-shot": shot.shot, "data-approved": Boolean(shot.approved) },
      h("button", { type: "button", class: "pr-thumb", "aria-label": `${word("shot")} ${shot.number}`, onclick: () => animatic.show(animatic.starts[shot.number - 1] ?? 0) },
        h("img", { src: `media/poster/${shot.take}.png`, alt: "", class: "pr-pixels", loading: "lazy" })),
      h("div", { class: "pr-shot-head" },
        h("strong", {}, String(shot.number)), h("span", { class: "pr-faint" }, `${shot.size || "–"} · ${shot.seconds.toFixed(1)} s`),
        shot.approved ? h("span", { class: "pr-badge pr-ok", title: shot.approved.author }, word("approved")) : null,
        shot.unresolved ? h("span", { class: "pr-badge" }, `${shot.unresolved} ${word("open")}`) : null),
      may
        ? [field(word("size"), size), field(word("dialogue"), dialogue), field(word("description"), description),
           h("div", { class: "pr-row" }, step(shot.number - 1, word("earlier"), "←"), step(shot.number + 1, word("later"), "→"),
             button(word("remove"), () => attempt(async () => (await act("remove_shot", { shot: shot.shot }), await refresh())), { disabled: Boolean(shot.approved) }))]
        : [shot.dialogue ? h("p", { class: "pr-dialogue" }, `“${shot.dialogue}”`) : null, shot.description ? h("p", { class: "pr-faint" }, shot.description) : null]);
  }

  shared.on("board", () => attempt(refresh));
  shared.on("films", () => attempt(listFilms));
  attempt(refresh);
}
