// Which engine makes it: how well each would, in the words of the table, and whether it is here.
import { field, h } from "./dom.js";

const RANK = { native: 0, emulated: 1, refused: 2 };

export function enginePicker({ link, t, notes }, changed) {
  let table = null;
  let needed = [];
  const picker = h("select", { onchange: () => (draw(), changed(), layout()) });
  const note = h("p.pr-faint.pr-enginenote", { "aria-live": "polite" });
  const models = h("ul.pr-models", { "aria-label": t("models") });
  const el = h("div.pr-engine", {}, field(t("engine"), picker), note, models);

  const family = () => table?.engines.find((engine) => engine.name === (picker.value || table.own));

  /** The operation that the engine does worst, of those that are asked for. */
  function ability(engine) {
    const found = needed.map((name) => ({ name, ...engine.operations[name] }));
    return found.sort((a, b) => RANK[b.level] - RANK[a.level])[0] ?? { level: "native", how: "" };
  }

  function draw() {
    if (!table) return;
    const chosen = picker.value;
    picker.replaceChildren(...table.engines.map((engine) => {
      const { level } = ability(engine);
      const words = [engine.name, t(level), engine.here ? "" : t("notHere")].filter(Boolean).join(" · ");
      return h("option", { value: engine.name === table.own ? "" : engine.name, selected: engine.name === (chosen || table.own) }, words);
    }));
    if (!family()) picker.prepend(h("option", { value: "", selected: chosen === "" }, table.own));
    const engine = family();
    models.hidden = !engine?.models.length;
    if (!engine) return (note.textContent = "");
    const { level, how } = ability(engine);
    const missing = !engine.library ? `pip install 'playreel[${engine.extra}]'` : engine.here ? "" : `playreel engines ${engine.models[0].name} --fetch`;
    note.textContent = [`${engine.title}.`, how ? `${t(level)}: ${how}.` : "", missing ? `${t("getIt")} ${missing}` : ""].filter(Boolean).join(" ");
    models.replaceChildren(...engine.models.map((model) => h("li", { title: `${model.licence}. ${model.terms}` }, h("strong", {}, model.name), h("span", {}, `${(model.bytes / 1e9).toFixed(1)} GB · ${model.licence}`), h("span.pr-faint", { "data-model": model.name }, model.here ? t("isHere") : ""))));
  }

  async function layout() {
    const engine = family();
    if (!engine?.models.length) return;
    try {
      const { value } = await link.ask("layout", { engine: engine.name }, [], 60000);
      for (const row of value) models.querySelector(`[data-model="${CSS.escape(row.model)}"]`)?.append(` ${row.why}`);
    } catch (error) {
      notes.refuse(error);
    }
  }

  const ready = link.ask("engines").then(({ value }) => {
    table = value;
    draw();
    changed();
    return value;
  });
  ready.catch(notes.refuse);
  return {
    el,
    ready,
    /** Says what is asked for, in operations of the table. */
    need: (operations) => {
      needed = operations;
      draw();
    },
    operations: (verb) => table?.verbs[verb] ?? [],
    value: () => picker.value || null,
    able: () => {
      const engine = family();
      return !engine || (ability(engine).level !== "refused" && engine.here && engine.library);
    },
  };
}
