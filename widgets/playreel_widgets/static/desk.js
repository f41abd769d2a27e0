// FilmDesk: what can be made, of a take or of words.
import { button, field, h, segmented } from "./dom.js";
import { enginePicker } from "./engines.js";
import { lengthOf } from "./shelf.js";
import { queueView } from "./queue.js";
import { regionPicker } from "./region.js";
import { shotList } from "./shotlist.js";
import { timedStrip } from "./timed.js";

const STYLES = ["ink wash", "watercolor", "game boy", "noir", "pastel"];

// Verb -> the fields it has, besides seed, engine and draft.
const VERBS = {
  extend: ["direction", "seconds", "camera"],
  starts: ["count", "seconds", "camera"],
  loop: ["seconds", "camera"],
  bridge: ["last", "seconds", "camera"],
  restyle: ["strength"],
  inpaint: [],
  animate: ["seconds", "camera"],
  shoot: ["size", "seconds", "camera"],
  transition: ["size", "seconds", "camera"],
  sequence: ["size"],
};
const FROM_WORDS = ["shoot", "transition", "sequence"];
const LEAST = { shoot: 2, transition: 3 }; // seconds to begin with
const PROMPTS = { restyle: "style", inpaint: "promptThere", shoot: "prompt", transition: "begins", starts: "promptLines" };

export function deskView(context) {
  const { link, t, notes, clips } = context;
  let verb = "extend";
  let cameraWords = [];
  let isBuilt = false;

  const picker = h("select.pr-picker", { "aria-label": t("take"), onchange: () => clips.select(picker.value) });
  const picture = h("div.pr-preview");
  const region = regionPicker(t, picture);
  const source = h("div.pr-source", {}, picture, h("div.pr-field", {}, h("span.pr-label", {}, t("take")), picker, region.fields));

  const prompt = h("textarea", { rows: 2, maxLength: 2000 });
  const promptField = field(t("promptMaybe"), prompt);
  const promptLabel = promptField.firstChild;
  const becomes = h("textarea", { rows: 2, maxLength: 2000 });
  const becomesField = field(t("becomes"), becomes);
  const seconds = h("input", { type: "number", min: 0.25, max: 60, step: 0.25, value: 1, oninput: () => timed.draw() });
  const count = h("input", { type: "number", min: 1, max: 12, step: 1, value: 3 });
  const seed = h("input", { type: "number", min: 0, step: 1, placeholder: t("seedAny") });
  const steps = h("input", { type: "number", min: 1, max: 100, step: 1, placeholder: t("usual") });
  const guidance = h("input", { type: "number", min: 1, max: 20, step: 0.5, placeholder: t("usual") });
  const strength = h("input", { type: "range", min: 0, max: 100, value: 60 });
  const camera = h("select", { onchange: ask });
  const last = h("select.pr-picker");
  const timed = timedStrip(t, () => Number(seconds.value) || 1, ask);
  let size = "16:9";
  const sizes = segmented(t("aspect"), ["16:9", "9:16", "1:1"].map((name) => [name, name]), size, (value) => (size = value));
  let way = "forward";
  const direction = segmented(t("direction"), [["forward", t("after")], ["backward", t("before")]], way, (value) => {
    way = value;
    ask();
  });
  const styles = h("div.pr-chips", {}, ...STYLES.map((name) => h("button.pr-chip", { type: "button", onclick: () => (prompt.value = name) }, name)));
  const draft = h("input", { type: "checkbox" });
  const note = h("p.pr-faint");
  const go = button("", { primary: true, onclick: run });
  const engines = enginePicker(context, () => show());
  const cameras = () => [["", t("cameraAny")], ...cameraWords];
  const sequence = shotList(context, cameras);

  // -- words that are proposed ----------------------------------------------------------------------

  const proposal = h("div.pr-proposal", { hidden: true, "aria-live": "polite" });
  const expandButton = button(t("expand"), { quiet: true, title: t("expandHint"), onclick: async () => {
    try {
      const { value } = await link.ask("expand", { prompt: prompt.value, camera: camera.value || null, engine: engines.value() });
      propose(value.text, value.lines);
    } catch (error) {
      notes.refuse(error);
    }
  } });
  const expandRow = h("div.pr-row", {}, expandButton);
  function propose(text, lines) {
    proposal.replaceChildren(h("ul", {}, ...lines.map((line) => h("li", {}, line))), h("div.pr-row", {},
      button(t("use"), { onclick: () => {
        prompt.value = text;
        proposal.hidden = true;
        prompt.focus();
      } }),
      button(t("leave"), { quiet: true, onclick: () => {
        proposal.hidden = true;
        expandButton.focus();
      } })));
    proposal.hidden = false;
  }

  const fields = {
    direction: h("div.pr-field", {}, h("span.pr-label", {}, t("direction")), direction),
    count: field(t("howMany"), count, ".pr-short"),
    seconds: field(t("seconds"), seconds, ".pr-short"),
    last: field(t("into"), last),
    strength: field(t("strength"), strength),
    camera: field(t("camera"), camera),
    size: h("div.pr-field", {}, h("span.pr-label", {}, t("aspect")), sizes),
  };
  const choices = segmented(t("desk"), Object.keys(VERBS).map((name) => [name, t(name)]), verb, (name) => use(name));
  choices.classList.add("pr-wide");

  function use(name) {
    verb = name;
    choices.pick(name);
    for (const [key, el] of Object.entries(fields)) el.hidden = !VERBS[name].includes(key);
    source.hidden = FROM_WORDS.includes(name);
    source.classList.toggle("pr-large", name === "inpaint");
    region.turn(name === "inpaint");
    timed.el.hidden = name !== "shoot";
    styles.hidden = name !== "restyle";
    becomesField.hidden = name !== "transition";
    promptField.hidden = name === "sequence";
    sequence.el.hidden = name !== "sequence";
    expandRow.hidden = name !== "shoot";
    proposal.hidden = true;
    promptLabel.textContent = t(PROMPTS[name] ?? "promptMaybe");
    go.lastChild.textContent = t(`do-${name}`);
    if (Number(seconds.value) < (LEAST[name] ?? 0)) seconds.value = LEAST[name];
    timed.draw();
    ask();
  }

  /** Tells the engines what would be asked of them. */
  function ask() {
    if (!isBuilt) return;
    const named = verb === "extend" && way === "backward" ? "extend-backward" : verb;
    const asked = [...engines.operations(named)];
    if (VERBS[verb].includes("camera") && camera.value) asked.push("camera");
    if (verb === "shoot" && timed.text("")) asked.push("timed-prompts");
    if (verb === "sequence" && sequence.hasCharacter()) asked.push("character");
    engines.need(asked);
    show();
  }

  let drawn = null;
  function show() {
    const all = [...clips.takes.values()];
    const takes = verb === "animate" ? all.filter((take) => take.frames === 1) : verb === "inpaint" ? all : all.filter((take) => take.frames > 1);
    const word = (take) => `${t(take.operation)} · ${take.text || take.name}`.slice(0, 64) + ` · ${lengthOf(take, t)}`;
    const chosen = takes.find((take) => take.hash === clips.selected) ?? takes.find((take) => take.hash === drawn) ?? takes[0];
    for (const [select, value] of [[picker, chosen?.hash], [last, last.value || takes.find((take) => take !== chosen)?.hash]]) {
      select.replaceChildren(...takes.map((take) => h("option", { value: take.hash, selected: take.hash === value }, word(take))));
    }
    const none = !FROM_WORDS.includes(verb) && !chosen;
    go.disabled = none || !engines.able();
    note.textContent = none ? t(verb === "animate" ? "needStill" : verb === "inpaint" ? "needAny" : "needTake") : "";
    if (drawn !== (chosen?.hash ?? null)) {
      drawn = chosen?.hash ?? null;
      picture.querySelector("canvas")?.stop();
      picture.replaceChildren(...(chosen ? [clips.canvas(chosen.hash, { autoplay: true, label: word(chosen) })] : []), region.frame);
      const [height, width] = chosen?.size ?? [9, 16];
      picture.style.setProperty("--aspect", `${width} / ${height}`);
    }
  }

  const number = (input) => (input.value === "" ? null : Number(input.value));
  async function run() {
    const args = { prompt: prompt.value, seed: number(seed), steps: number(steps), guidance: number(guidance), draft: draft.checked, engine: engines.value() };
    if (VERBS[verb].includes("seconds")) args.seconds = Number(seconds.value);
    if (VERBS[verb].includes("camera")) args.camera = camera.value;
    if (VERBS[verb].includes("size")) args.size = size;
    if (!FROM_WORDS.includes(verb)) args.take = picker.value;
    if (verb === "shoot") args.prompt = timed.text(prompt.value);
    if (verb === "extend") args.direction = way;
    if (verb === "starts") args.count = Number(count.value);
    if (verb === "bridge") args.last = last.value;
    if (verb === "restyle") args.strength = Number(strength.value) / 100;
    if (verb === "inpaint") args.region = region.shares();
    if (verb === "transition") args.becomes = becomes.value;
    if (verb === "sequence") Object.assign(args, sequence.args());
    try {
      await link.ask(verb, args);
    } catch (error) {
      notes.refuse(error);
    }
  }

  const queue = queueView(context);
  const more = h("details.pr-more", {}, h("summary", {}, t("more")), h("div.pr-row", {}, field(t("steps"), steps, ".pr-short"), field(t("guidance"), guidance, ".pr-short")), engines.el);
  const el = h(
    "section.pr-desk", { "aria-label": t("desk") },
    h("div.pr-make", {}, choices, source, promptField, becomesField, styles, expandRow, proposal, timed.el, sequence.el,
      h("div.pr-row", {}, ...Object.values(fields), field(t("seed"), seed, ".pr-short"), h("label.pr-check", { title: t("draftHint") }, draft, h("span", {}, t("draft")))),
      more, h("div.pr-row.pr-actions", {}, go, note)),
    queue.el,
  );
  engines.ready.then(({ cameras: moves }) => {
    const column = el.closest("[lang=zh-CN]") ? 2 : 1;
    cameraWords = moves.map((move) => [move[0], move[column]]);
    camera.replaceChildren(...cameras().map(([value, text]) => h("option", { value }, text)));
    sequence.show();
    ask();
  }, () => undefined);
  const off = clips.onchange(show);
  isBuilt = true;
  use(verb);
  return { el, use, dispose: () => (off(), queue.dispose(), sequence.dispose()) };
}
