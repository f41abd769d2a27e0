// FilmDesk: what can be made of a take.
import { button, field, h, segmented } from "./dom.js";
import { lengthOf } from "./shelf.js";
import { queueView } from "./queue.js";
import { timedStrip } from "./timed.js";

const STYLES = ["ink wash", "watercolor", "game boy", "noir", "pastel"];
const CAMERAS = ["", "static", "pan left", "pan right", "zoom in", "zoom out", "tilt up", "tilt down"];

export function deskView(context) {
  const { link, t, notes, clips } = context;
  let verb = "extend";

  const source = h("div.pr-source");
  const picker = h("select.pr-picker", { "aria-label": t("take"), onchange: () => clips.select(picker.value) });
  const picture = h("div.pr-preview");
  source.append(picture, h("div.pr-field", {}, h("span.pr-label", {}, t("take")), picker));

  const prompt = h("textarea", { rows: 2, maxLength: 2000, "aria-label": t("prompt") });
  const promptField = field(t("promptMaybe"), prompt);
  const promptLabel = promptField.firstChild;
  const seconds = h("input", { type: "number", min: 0.25, max: 60, step: 0.25, value: 1, oninput: () => timed.draw() });
  const seed = h("input", { type: "number", min: 0, step: 1, placeholder: t("seedAny") });
  const strength = h("input", { type: "range", min: 0, max: 100, value: 60 });
  const camera = h("select", {}, ...CAMERAS.map((value) => h("option", { value }, value || t("cameraAny"))));
  const last = h("select.pr-picker");
  const timed = timedStrip(t, () => Number(seconds.value) || 1);
  const sizes = segmented(t("aspect"), ["16:9", "9:16", "1:1"].map((name) => [name, name]), "16:9", (value) => (size = value));
  let size = "16:9";
  const direction = segmented(t("direction"), [["forward", t("after")], ["backward", t("before")]], "forward", (value) => (way = value));
  let way = "forward";
  const styles = h("div.pr-chips", {}, ...STYLES.map((name) => h("button.pr-chip", { type: "button", onclick: () => (prompt.value = name) }, name)));
  const note = h("p.pr-faint");
  const go = button("", { primary: true, onclick: run });

  const fields = {
    direction: h("div.pr-field", {}, h("span.pr-label", {}, t("direction")), direction),
    seconds: field(t("seconds"), seconds, ".pr-short"),
    last: field(t("into"), last),
    strength: field(t("strength"), strength),
    camera: field(t("camera"), camera),
    size: h("div.pr-field", {}, h("span.pr-label", {}, t("aspect")), sizes),
    seed: field(t("seed"), seed, ".pr-short"),
  };
  const VERBS = {
    extend: ["direction", "seconds", "camera", "seed"],
    loop: ["seconds", "camera", "seed"],
    bridge: ["last", "seconds", "camera", "seed"],
    restyle: ["strength", "seed"],
    animate: ["seconds", "camera", "seed"],
    shoot: ["size", "seconds", "camera", "seed"],
  };
  const choices = segmented(t("desk"), Object.keys(VERBS).map((name) => [name, t(name)]), verb, (name) => use(name));
  choices.classList.add("pr-wide");

  function use(name) {
    verb = name;
    choices.pick(name);
    for (const [key, el] of Object.entries(fields)) el.hidden = !VERBS[name].includes(key);
    source.hidden = name === "shoot";
    timed.el.hidden = name !== "shoot";
    styles.hidden = name !== "restyle";
    promptLabel.textContent = t(name === "restyle" ? "style" : name === "shoot" ? "prompt" : "promptMaybe");
    go.lastChild.textContent = t(`do-${name}`);
    if (name === "shoot" && Number(seconds.value) < 2) seconds.value = 2;
    timed.draw();
    show();
  }

  let drawn = null;
  function show() {
    const all = [...clips.takes.values()];
    const takes = verb === "animate" ? all.filter((take) => take.frames === 1) : all.filter((take) => take.frames > 1);
    const word = (take) => `${t(take.operation)} · ${take.text || take.name}`.slice(0, 64) + ` · ${lengthOf(take, t)}`;
    const chosen = takes.find((take) => take.hash === clips.selected) ?? takes.find((take) => take.hash === drawn) ?? takes[0];
    for (const [select, value] of [[picker, chosen?.hash], [last, last.value || takes.find((take) => take !== chosen)?.hash]]) {
      select.replaceChildren(...takes.map((take) => h("option", { value: take.hash, selected: take.hash === value }, word(take))));
    }
    const none = verb !== "shoot" && !chosen;
    go.disabled = none;
    note.textContent = none ? t(verb === "animate" ? "needStill" : "needTake") : "";
    if (drawn !== (chosen?.hash ?? null)) {
      drawn = chosen?.hash ?? null;
      picture.firstChild?.stop?.();
      picture.replaceChildren(...(chosen ? [clips.canvas(chosen.hash, { autoplay: true, label: word(chosen) })] : []));
    }
  }

  async function run() {
    const args = { prompt: prompt.value, seconds: Number(seconds.value), seed: seed.value === "" ? null : Number(seed.value) };
    if (verb !== "restyle") args.camera = camera.value;
    if (verb === "shoot") {
      args.prompt = timed.text(prompt.value);
      args.size = size;
    } else args.take = picker.value;
    if (verb === "extend") args.direction = way;
    if (verb === "bridge") args.last = last.value;
    if (verb === "restyle") args.strength = Number(strength.value) / 100;
    try {
      await link.ask(verb, args);
    } catch (error) {
      notes.refuse(error);
    }
  }

  const queue = queueView(context);
  const el = h(
    "section.pr-desk", { "aria-label": t("desk") },
    h("div.pr-make", {}, choices, source, promptField, styles, timed.el,
      h("div.pr-row", {}, ...Object.values(fields)), h("div.pr-row.pr-actions", {}, go, note)),
    queue.el,
  );
  const off = clips.onchange(show);
  use(verb);
  return { el, use, dispose: () => (off(), queue.dispose()) };
}
