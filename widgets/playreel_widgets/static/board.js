// Board: the shots as a table and as a storyboard, the film as a strip of time, and its export.
import { button, field, h, segmented } from "./dom.js";
import { icon } from "./icons.js";
import { shotInspector } from "./inspector.js";
import { seriesBar } from "./series.js";
import { TAKE_TYPE } from "./shelf.js";

const MANY = 120; // shots; a longer series begins with its first episode

export function boardView(context) {
  const { link, t, notes, clips } = context;
  let shots = [];
  let form = "grid";
  let words = { sizes: {}, transitions: {} };
  let presets = [];
  let chosen = null; // uid of the shot in the inspector
  let exporting = null;

  const body = h("div.pr-boardbody");
  const strip = h("ol.pr-timeline", { "aria-label": t("timeline") });
  const total = h("span.pr-faint");
  const forms = segmented(t("view"), [["grid", t("storyboard")], ["table", t("table")]], form, (value) => {
    form = value;
    show();
  });
  const empty = h("div.pr-empty", {}, icon("board"), h("span", {}, t("boardEmpty")));
  const presetPicker = h("select", { onchange: rename });
  const name = h("input", { type: "text", value: "film.mp4", maxLength: 120 });
  const captions = h("select", {});
  const films = h("select", { onchange: () => (name.disabled = films.value === "series") }, h("option", { value: "all" }, t("oneFilm")), h("option", { value: "episode" }, t("thisEpisode")), h("option", { value: "series" }, t("filmEach")));
  const filmsField = field(t("films"), films);
  const animatic = h("input", { type: "checkbox" });
  const reframe = h("input", { type: "checkbox" });
  const exportButton = button(t("export"), { name: "export", primary: true, onclick: cut });
  const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": t("export") });
  const outcome = h("p.pr-outcome", { "aria-live": "polite" });

  const column = () => (el.closest("[lang=zh-CN]") ? 1 : 0);
  const ask = (verb, args) => link.ask(verb, args).catch(notes.refuse);
  const change = (shot, changes) => ask("board-update", { uid: shot.uid, changes });

  // -- the fields of a shot, the same in both forms --------------------------------------------------

  function text(shot, key) {
    const input = h("input", { type: "text", value: shot[key], placeholder: t(key), title: shot[key], "aria-label": `${t(key)}, ${t("shot")} ${shot.number}`, onchange: () => change(shot, { [key]: input.value }) });
    input.dataset.field = `${shot.uid}:${key}`;
    input.dataset.was = shot[key];
    return input;
  }
  function sizePicker(shot) {
    const input = h("select", { "aria-label": `${t("shotSize")}, ${t("shot")} ${shot.number}`, onchange: () => change(shot, { size: input.value }) }, h("option", { value: "" }, "–"), ...Object.entries(words.sizes).map(([value, names]) => h("option", { value, selected: value === shot.size, title: names[column()] }, value)));
    input.dataset.field = `${shot.uid}:size`;
    return input;
  }
  function fade(shot) {
    const input = h("input", { type: "number", min: 0, max: 10, step: 0.25, value: shot.fade_s, "aria-label": `${t("fade")}, ${t("shot")} ${shot.number}`, disabled: shot.number === 1, onchange: () => change(shot, { fade_s: Number(input.value) || 0 }) });
    input.dataset.field = `${shot.uid}:fade`;
    return input;
  }
  function transition(shot) {
    const input = h("select", { "aria-label": `${t("transition")}, ${t("shot")} ${shot.number}`, disabled: shot.number === 1, onchange: () => change(shot, { transition: input.value, ...(input.value !== "cut" && !shot.fade_s ? { fade_s: 0.5 } : input.value === "cut" ? { fade_s: 0 } : {}) }) },
      ...Object.entries(words.transitions).map(([value, names]) => h("option", { value, selected: value === (shot.transition || (shot.fade_s ? "dissolve" : "cut")) }, names[column()])));
    input.dataset.field = `${shot.uid}:transition`;
    return input;
  }
  function acts(shot) {
    const act = (label, iconName, onclick, disabled) => {
      const el = button(label, { name: iconName, bare: true, quiet: true, disabled, onclick });
      el.dataset.field = `${shot.uid}:${iconName}`;
      return el;
    };
    const whole = act(`${t("details")}, ${t("shot")} ${shot.number}`, "more", () => inspect(shot.uid));
    whole.setAttribute("aria-expanded", String(chosen === shot.uid));
    return h("span.pr-acts", {}, whole,
      act(`${t("earlier")}, ${t("shot")} ${shot.number}`, "up", () => ask("board-move", { uid: shot.uid, to: shot.number - 1 }), shot.number === 1),
      act(`${t("later")}, ${t("shot")} ${shot.number}`, "down", () => ask("board-move", { uid: shot.uid, to: shot.number + 1 }), shot.number === shots.length),
      act(`${t("remove")}, ${t("shot")} ${shot.number}`, "close", () => ask("board-remove", { uid: shot.uid })),
    );
  }
  const tag = (shot) => {
    const words = [shot.made ? "" : t("planned"), shot.stale.length ? t("staleWord") : ""].filter(Boolean).join(" · ");
    return words ? h("span.pr-tag", { title: shot.stale.join("; ") }, words) : null;
  };
  const pictureOf = (shot) => {
    const canvas = clips.canvas(shot.take, { label: `${t("shot")} ${shot.number}` });
    canvas.addEventListener("pointerenter", () => shot.frames > 1 && canvas.move(true));
    canvas.addEventListener("pointerleave", () => canvas.move(false));
    return canvas;
  };

  function movable(el, shot) {
    el.draggable = true;
    el.addEventListener("dragstart", (event) => {
      if (["INPUT", "SELECT"].includes(event.target.tagName)) return event.preventDefault();
      event.dataTransfer.setData("application/x-playreel-shot", shot.uid);
    });
    el.addEventListener("dragover", (event) => {
      event.preventDefault();
      el.classList.add("pr-over");
    });
    el.addEventListener("dragleave", () => el.classList.remove("pr-over"));
    el.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      el.classList.remove("pr-over");
      const uid = event.dataTransfer.getData("application/x-playreel-shot");
      const take = event.dataTransfer.getData(TAKE_TYPE);
      if (uid) ask("board-move", { uid, to: shot.number });
      else if (take) ask("board-add", { take, at: shot.number });
    });
    el.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const to = shot.number + (event.key === "ArrowUp" || event.key === "ArrowLeft" ? -1 : 1);
      if (to >= 1 && to <= shots.length) ask("board-move", { uid: shot.uid, to });
    });
    return el;
  }

  // -- one shot, and episodes ------------------------------------------------------------------------

  const inspector = shotInspector(context, { vocabulary: () => words, column, close: () => inspect(null) });
  function inspect(uid) {
    const from = chosen;
    chosen = uid === chosen ? null : uid;
    show();
    if (chosen) inspector.el.scrollIntoView({ block: "nearest" });
    else body.querySelector(`[data-field="${CSS.escape(`${from}:more`)}"]`)?.focus({ preventScroll: true });
  }
  const series = seriesBar(context, {
    column,
    pick: () => show(),
    find: (uid) => {
      series.choose(shots.find((shot) => shot.uid === uid)?.episode ?? "");
      chosen = null;
      inspect(uid);
    },
  });
  const visible = () => shots.filter((shot) => !series.chosen() || shot.episode === series.chosen());

  const grid = () => h("ol.pr-grid", { "aria-label": t("storyboard") }, ...visible().map((shot) =>
    movable(h("li.pr-shot", { "data-stale": shot.stale.length > 0, "data-made": shot.made }, h("div.pr-shothead", {}, h("strong", {}, String(shot.number).padStart(2, "0")), h("span.pr-faint", {}, `${shot.seconds.toFixed(1)} s`), h("span.pr-spring"), acts(shot)), h("div.pr-shotpicture", {}, pictureOf(shot), tag(shot)),
      h("div.pr-shotfields", {}, sizePicker(shot), text(shot, "description"), text(shot, "dialogue"))), shot)));

  const table = () => h("div.pr-scroll", {}, h("table.pr-table", {},
    h("thead", {}, h("tr", {}, ...["number", "picture", "shotSize", "description", "dialogue", "lengthWord", "transition", "fade", "actions"].map((key) => h("th", { scope: "col" }, t(key))))),
    h("tbody", {}, ...visible().map((shot) => movable(h("tr", {}, h("th", { scope: "row" }, String(shot.number)), h("td", {}, pictureOf(shot)), h("td", {}, sizePicker(shot)), h("td", {}, text(shot, "description")), h("td", {}, text(shot, "dialogue")), h("td.pr-faint", {}, `${shot.seconds.toFixed(1)} s`), h("td", {}, transition(shot)), h("td", {}, fade(shot)), h("td", {}, acts(shot))), shot)))));

  function show() {
    const active = body.getRootNode().activeElement;
    const held = body.contains(active) ? active.dataset.field : null;
    const typed = held && active.type === "text" && active.value !== active.dataset.was ? active.value : null;
    body.replaceChildren(shots.length ? (form === "grid" ? grid() : table()) : empty);
    const again = held && body.querySelector(`[data-field="${CSS.escape(held)}"]`);
    if (again && typed !== null) again.value = typed; // what somebody else did takes no words from under the hands
    again?.focus({ preventScroll: true });
    const whole = shots.reduce((sum, shot) => sum + shot.seconds - (shot.number > 1 ? shot.fade_s : 0), 0);
    const index = shots.findIndex((shot) => shot.uid === chosen);
    if (index < 0) chosen = null;
    inspector.show(shots[index] ?? null, shots[index + 1] ?? null);
    total.textContent = shots.length ? `${shots.length} ${t("shots")} · ${whole.toFixed(1)} s` : "";
    strip.replaceChildren(...visible().map((shot) => h("li", { style: `flex:${shot.seconds}`, title: `${shot.number} · ${shot.seconds.toFixed(1)} s` }, shot.fade_s > 0 && shot.number > 1 ? h("span.pr-fade", { style: `width:${Math.min(60, (100 * shot.fade_s) / shot.seconds)}%` }) : null, clips.film(shot.take, { label: `${t("shot")} ${shot.number}` }), h("span", {}, String(shot.number)))));
    strip.hidden = !shots.length;
    filmsField.hidden = !shots.some((shot) => shot.episode);
    exportButton.disabled = !shots.length || exporting !== null;
  }

  body.addEventListener("dragover", (event) => event.preventDefault());
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    const take = event.dataTransfer.getData(TAKE_TYPE);
    if (take) ask("board-add", { take });
  });

  // -- shots from a table or a script ------------------------------------------------------------------

  const file = h("input", { type: "file", accept: ".csv,.fountain,.fdx,.txt", hidden: true, onchange: async () => {
    const [given] = file.files;
    file.value = "";
    if (!given) return;
    try {
      const { value } = await link.ask("board-import", { name: given.name }, [new Uint8Array(await given.arrayBuffer())], 60000);
      notes.show(`${value} ${t("tookOver")}`, { kind: "info" });
    } catch (error) {
      notes.refuse(error);
    }
  } });
  const importButton = button(t("import"), { name: "table", title: t("importHint"), onclick: () => file.click() });

  // -- export --------------------------------------------------------------------------------------

  function rename() {
    const preset = presets.find((p) => p.name === presetPicker.value);
    if (preset && !preset.suffixes.some((s) => name.value.endsWith(s))) name.value = name.value.replace(/\.[^.]*$/, "") + preset.suffixes[0];
  }

  async function cut() {
    outcome.textContent = "";
    exportButton.disabled = true;
    try {
      const args = { name: name.value, preset: presetPicker.value, captions: captions.value, animatic: animatic.checked, reframe: reframe.checked, language: column() ? "zh" : "en" };
      if (films.value === "series") args.series = true;
      else if (films.value === "episode") args.episode = series.chosen();
      const { value } = await link.ask("export", args);
      exporting = value.uid;
      progress.hidden = false;
    } catch (error) {
      exportButton.disabled = false;
      notes.refuse(error);
    }
  }

  const off = [
    link.on("board", (value) => {
      shots = value;
      show();
      series.later();
    }),
    link.on("task", (task) => {
      if (task.uid !== exporting) return;
      if (task.total) progress.value = task.done / task.total;
      if (task.state === "done") outcome.textContent = `${t("written")} ${task.result}`;
      if (task.error) notes.show(task.error.message);
      if (["done", "failed", "cancelled"].includes(task.state)) {
        exporting = null;
        progress.hidden = true;
        exportButton.disabled = false;
      }
    }),
    link.on("back", load),
  ];

  async function load() {
    try {
      const [{ value: known }, { value }] = await Promise.all([link.ask("presets"), link.ask("board")]);
      ({ presets } = known);
      words = known;
      captions.replaceChildren(...known.captions.map((way) => h("option", { value: way }, t(`captions-${way}`))));
      presetPicker.replaceChildren(...presets.map((p) => h("option", { value: p.name }, p.size ? `${p.name} · ${p.size[1]}×${p.size[0]}` : p.name)));
      shots = value;
      if (shots.length > MANY && shots[0].episode && !series.chosen()) series.choose(shots[0].episode);
      show();
      await series.load();
    } catch (error) {
      notes.refuse(error);
    }
  }
  load();

  const el = h(
    "section.pr-board", { "aria-label": t("board") },
    h("div.pr-boardhead", {}, forms, h("span.pr-acts", {}, button(t("undo"), { name: "undo", bare: true, quiet: true, onclick: () => ask("board-undo") }), button(t("redo"), { name: "redo", bare: true, quiet: true, onclick: () => ask("board-redo") })), importButton, file, total, h("span.pr-spring"), h("span.pr-faint", {}, t("boardKeys"))),
    series.el, body, inspector.el, strip,
    h("div.pr-row.pr-export", {}, filmsField, field(t("preset"), presetPicker), field(t("captions"), captions), field(t("fileName"), name, ".pr-mid"),
      h("label.pr-check", { title: t("animaticHint") }, animatic, h("span", {}, t("animatic"))),
      h("label.pr-check", { title: t("reframeHint") }, reframe, h("span", {}, t("reframe"))),
      exportButton, progress),
    outcome,
  );
  return { el, dispose: () => (off.forEach((f) => f()), series.dispose()) };
}
