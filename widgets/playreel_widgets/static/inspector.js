// One shot, whole: what the table has no room for, and the acts that cut, join, frame and make it.
import { button, field, h, paint } from "./dom.js";

const CLOSED = [["angle", "angles"], ["move", "moves"], ["lens", "lenses"], ["status", "statuses"], ["beat", "beats"]];
const TEXTS = ["speaker", "translation", "voice_over", "music", "sound", "notes", "scene", "episode", "references"];

/** `column` is 0 for English, 1 for Chinese words; `close` is called when it is put away. */
export function shotInspector({ link, t, notes, clips }, { vocabulary, column, close }) {
  let shot = null;
  let next = null;
  let strip = null;
  let at = 0;
  let keys = [];
  const ask = (verb, args, patience) => link.ask(verb, args, [], patience).catch(notes.refuse);
  const change = (changes) => ask("board-update", { uid: shot.uid, changes });

  const title = h("h3");
  const canvas = h("canvas.pr-pixels", { width: 128, height: 72, role: "img" });
  const eye = h("div.pr-eye", { "aria-hidden": "true", hidden: true });
  const screen = h("div.pr-shotscreen", { tabIndex: 0, role: "application", "aria-label": t("framing") }, canvas, eye);
  const scrub = h("input.pr-scrub", { type: "range", min: 0, value: 0, "aria-label": t("frame"), oninput: () => look(Number(scrub.value)) });
  const counter = h("output.pr-counter");
  const splitButton = button(t("split"), { name: "split", onclick: () => ask("board-split", { uid: shot.uid, frame: at }) });
  const mergeButton = button(t("mergeNext"), { name: "merge", onclick: () => ask("board-merge", { uid: shot.uid, last: next.uid }) });
  const retakeButton = button(t("retake"), { name: "retry", title: t("retakeHint"), onclick: () => ask("board-retake", { uid: shot.uid }) });
  const makeButton = button(t("make"), { name: "shoot", primary: true, onclick: () => ask("board-make", { uid: shot.uid }) });
  const findButton = button(t("findFraming"), { name: "region", onclick: async () => {
    const answer = await ask("board-framing", { uid: shot.uid }, 60000);
    if (answer) change({ framing: answer.value });
  } });
  const keyButton = button(t("addKey"), { name: "add", onclick: () => setKey(...(keyAt(at) ?? [0.5, 0.5])) });
  const dropButton = button(t("dropKeys"), { name: "clear", bare: true, onclick: () => change({ framing: "" }) });
  const framingWords = h("span.pr-faint");
  const versions = h("select", { onchange: () => versions.value && change({ take: versions.value }) });
  const versionsField = field(t("versions"), versions);
  const stale = h("p.pr-trouble", { hidden: true });
  const plan = h("div.pr-plan");

  const known = (name) => Object.entries(vocabulary()[name] ?? {});
  function closed([key, name]) {
    const input = h("select", { onchange: () => change({ [key]: input.value }) }, h("option", { value: "" }, "–"), ...known(name).map(([code, words]) => h("option", { value: code, selected: code === shot[key] }, words[column()])));
    input.dataset.field = key;
    return field(t(`plan-${key}`), input);
  }
  function text(key) {
    const value = Array.isArray(shot[key]) ? shot[key].join(", ") : shot[key];
    const input = h("input", { type: "text", value, maxLength: 2000, onchange: () => change({ [key]: input.value }) });
    input.dataset.field = key;
    return field(t(`plan-${key}`), input);
  }

  // -- framing: where the eye belongs, by frame -------------------------------------------------------

  const read = (words) => words.split(" ").filter(Boolean).map((word) => {
    const [frame, place] = word.split(":");
    return [Number(frame), ...place.split(",").map(Number)];
  });
  /** Between two keys the eye moves evenly. */
  function keyAt(frame) {
    if (!keys.length) return null;
    const after = keys.findIndex((key) => key[0] >= frame);
    if (after === 0) return keys[0].slice(1);
    if (after < 0) return keys.at(-1).slice(1);
    const [a, b] = [keys[after - 1], keys[after]];
    const share = (frame - a[0]) / (b[0] - a[0]);
    return [1, 2].map((i) => a[i] + share * (b[i] - a[i]));
  }
  function setKey(x, y) {
    const clear = keys.filter((key) => key[0] !== at);
    keys = [...clear, [at, Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))]].sort((a, b) => a[0] - b[0]);
    showEye();
    change({ framing: keys.map(([frame, u, v]) => `${frame}:${u.toFixed(3)},${v.toFixed(3)}`).join(" ") });
  }
  function showEye() {
    const place = keyAt(at);
    eye.hidden = !place;
    eye.classList.toggle("pr-onkey", keys.some((key) => key[0] === at));
    if (place) Object.assign(eye.style, { left: `${100 * place[0]}%`, top: `${100 * place[1]}%` });
    framingWords.textContent = keys.length ? `${t("keys")}: ${keys.length}` : t("framingAuto");
    dropButton.disabled = !keys.length;
  }
  screen.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    setKey((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  const STEPS = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, -0.05], ArrowDown: [0, 0.05] };
  screen.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = keyAt(at) ?? [0.5, 0.5];
    setKey(x + step[0], y + step[1]);
  });

  function look(frame) {
    at = Math.min(Math.max(0, frame), Math.max(0, (shot?.frames ?? 1) - 1));
    scrub.value = String(at);
    counter.textContent = `${at} / ${Math.max(0, shot.frames - 1)}`;
    splitButton.disabled = !shot.made || at < 1;
    if (strip) {
      const shown = Math.round((at / Math.max(1, shot.frames - 1)) * (strip.frames - 1));
      const height = strip.bitmap.height / strip.frames;
      paint(canvas, strip.bitmap, { y: shown * height, height });
    }
    showEye();
  }

  async function show(chosen, after) {
    const isOther = chosen?.uid !== shot?.uid || chosen?.take !== shot?.take;
    shot = chosen;
    next = after;
    el.hidden = !shot;
    if (!shot) return;
    title.textContent = `${t("shotWord")} ${shot.number}`;
    keys = read(shot.framing);
    screen.style.setProperty("--aspect", `${shot.size_px[1]} / ${shot.size_px[0]}`);
    canvas.setAttribute("aria-label", `${t("shotWord")} ${shot.number}`);
    scrub.max = String(Math.max(0, shot.frames - 1));
    mergeButton.disabled = !next?.made || !shot.made;
    makeButton.hidden = shot.made;
    retakeButton.hidden = !shot.made;
    findButton.disabled = !shot.made;
    stale.hidden = !shot.stale.length;
    stale.textContent = `${t("stale")} ${shot.stale.join("; ")}`;
    const past = shot.versions.filter((name) => name !== shot.take);
    versionsField.hidden = !past.length;
    versions.replaceChildren(h("option", { value: "" }, shot.take.slice(0, 12)), ...past.map((name) => h("option", { value: name }, clips.takes.get(name)?.text || name.slice(0, 12))));
    const active = plan.getRootNode().activeElement;
    const held = plan.contains(active) ? active.dataset.field : null;
    plan.replaceChildren(...CLOSED.map(closed), ...TEXTS.map(text));
    if (held) plan.querySelector(`[data-field="${held}"]`)?.focus();
    if (!isOther) return look(at);
    strip = null;
    look(0);
    const mine = shot.take;
    try {
      const found = await clips.strip(mine);
      if (shot?.take !== mine) return;
      strip = found;
      look(at);
    } catch (error) {
      notes.refuse(error);
    }
  }

  const el = h("section.pr-inspector", { "aria-label": t("shotWord"), hidden: true },
    h("div.pr-comparehead", {}, title, h("span.pr-spring"), button(t("dismiss"), { name: "close", bare: true, quiet: true, onclick: () => close() })),
    stale,
    h("div.pr-shotview", {},
      h("div.pr-shotleft", {}, screen, h("div.pr-transport", {}, scrub, counter),
        h("div.pr-row.pr-actions", {}, makeButton, splitButton, mergeButton, retakeButton),
        h("div.pr-row.pr-actions", {}, keyButton, findButton, dropButton, framingWords),
        versionsField),
      plan));
  return { el, show, uid: () => shot?.uid ?? null };
}
