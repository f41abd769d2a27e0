// Play: a world of one's own, steered by buttons and keys.

import { act, attempt, notice, told } from "./act.js";
import { button, field, h, option } from "./dom.js";
import { shared } from "./shared.js";
import { word } from "./words.js";

const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "jump", Space: "jump", ArrowDown: "stay", KeyA: "left", KeyD: "right", KeyW: "jump" };
const TAPPED = 3; // frames for a short press
const ANSWER_MS = 400; // what a request should take: a fast machine sends more frames in each

export function mountPlay(root) {
  let world;
  const held = new Set();
  let tapped;
  let busy = false;
  let shownUntil = 0;

  const start = h("select", { "aria-label": word("startFrom") });
  const enter = button(word("playThis"), () => attempt(open, enter), { class: "pr-primary" });
  const screen = h("canvas", { class: "pr-pixels", width: 128, height: 72 });
  const stage = h("div", { class: "pr-stage pr-world", tabindex: "0", role: "application", "aria-label": word("worldKeys") }, screen);
  const buttons = h("div", { class: "pr-pad", role: "group", "aria-label": word("buttons") });
  const slider = h("input", { type: "range", min: "0", max: "0", value: "0", "aria-label": word("rewind") });
  const count = h("output", { class: "pr-count" });
  const from = h("input", { type: "number", min: "0", value: "0" });
  const to = h("input", { type: "number", min: "1", value: "1" });
  const keep = button(word("capture"), () => attempt(capture, keep));
  const below = h(
    "div",
    { class: "pr-below", hidden: true },
    h("div", { class: "pr-transport" }, h("span", { class: "pr-faint" }, word("rewind")), slider, count),
    buttons,
    h("p", { class: "pr-faint pr-keys" }, word("worldKeys")),
    h("div", { class: "pr-row" }, field(word("from"), from), field(word("to"), to), keep),
  );
  const empty = h("p", { class: "pr-empty" }, word("noWorld"));
  stage.append(empty);
  root.replaceChildren(h("div", { class: "pr-row" }, field(word("startFrom"), start), enter), h("div", { class: "pr-playing" }, stage, below));

  function list() {
    const chosen = start.value;
    start.replaceChildren(...shared.takes.map((take) => option(take.hash, `${take.name.slice(0, 6)} · ${word(take.operation)} ${take.text.slice(0, 44)}`)));
    if (chosen) start.value = chosen;
    enter.disabled = !shared.takes.length;
  }
  shared.on("takes", list);
  list();

  async function open() {
    await enterWorld(await act("world", { take: start.value }));
    stage.focus();
  }

  /** Back where the player stood, after a reload or a restart of the server. */
  async function comeBack() {
    const left = await act("reenter");
    if (left.world && !world) await enterWorld(left);
  }

  async function enterWorld(entered) {
    world = entered;
    empty.remove();
    below.hidden = false;
    const [height, width] = world.size;
    Object.assign(screen, { width, height });
    stage.style.aspectRatio = `${width} / ${height}`;
    root.dataset.world = world.world;
    const order = [...new Set(["left", "right", "jump", "jump-left", "jump-right", "stay", ...world.actions])].filter((name) => world.actions.includes(name));
    buttons.replaceChildren(...order.map((name) => padButton(name)));
    from.value = "0";
    await show(world);
  }

  function padButton(name) {
    const key = { left: "←", right: "→", jump: "↑" }[name];
    const made = button(h("span", {}, word(name)), () => {}, { class: "pr-action", "data-action": name });
    if (key) made.append(h("kbd", {}, key));
    made.addEventListener("pointerdown", (event) => {
      made.setPointerCapture(event.pointerId);
      hold(name);
    });
    for (const end of ["pointerup", "pointercancel"]) made.addEventListener(end, () => release(name));
    made.addEventListener("keydown", (event) => {
      if (event.code === "Enter" && !event.repeat) press(name, TAPPED);
    });
    return made;
  }

  async function show(answer) {
    const picture = new Image();
    picture.src = `data:image/png;base64,${answer.png}`;
    await picture.decode();
    const height = picture.naturalHeight / answer.frames;
    const context = screen.getContext("2d");
    const period = 1000 / world.fps;
    for (let i = 0; i < answer.frames; i++) {
      const wait = shownUntil - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      context.drawImage(picture, 0, i * height, picture.naturalWidth, height, 0, 0, screen.width, screen.height);
      shownUntil = Math.max(shownUntil + period, performance.now());
    }
    world.cursor = answer.cursor;
    slider.max = String(answer.length - 1);
    slider.value = String(answer.cursor);
    count.textContent = `${answer.cursor} / ${answer.length - 1}`;
    to.max = String(answer.length);
    to.value = String(answer.length);
    root.dataset.cursor = String(answer.cursor);
  }

  function action() {
    const names = [...held];
    for (const name of [names.includes("jump") && names.includes("right") && "jump-right", names.includes("jump") && names.includes("left") && "jump-left", ...names.reverse()]) {
      if (name && world.actions.includes(name)) return name;
    }
    return undefined;
  }

  /** Presses until no button is held: the next frames are asked for while the last ones play. */
  async function press(name, frames) {
    if (!world) return;
    if (busy) {
      tapped = name;
      return;
    }
    busy = true;
    try {
      let shown = Promise.resolve();
      while (name) {
        const answer = await act("press", { world: world.world, action: name, count: frames });
        root.dataset.answered = name;
        shown = shown.then(() => show(answer));
        name = action() ?? tapped;
        tapped = undefined;
        frames = Math.min(8, Math.max(1, Math.round((ANSWER_MS / answer.ms) * answer.count)));
        if (!name) await shown;
      }
    } catch (error) {
      held.clear();
      notice(told(error), true);
    } finally {
      busy = false;
    }
  }

  function hold(name) {
    held.add(name);
    press(action() ?? name, TAPPED);
  }
  function release(name) {
    held.delete(name);
  }

  stage.addEventListener("keydown", (event) => {
    const name = KEYS[event.code];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat && world) hold(name);
  });
  stage.addEventListener("keyup", (event) => KEYS[event.code] && release(KEYS[event.code]));
  stage.addEventListener("blur", () => held.clear());
  stage.addEventListener("pointerdown", () => stage.focus());

  slider.addEventListener("change", () => attempt(async () => show(await act("seek", { world: world.world, frame: Number(slider.value) }))));

  async function capture() {
    const made = await act("capture", { world: world.world, start: Number(from.value), stop: Number(to.value) });
    notice(`${word("captured")} ${made.take.slice(0, 6)}`);
    from.value = to.value;
    await shared.refreshTakes();
  }

  if (shared.may("reenter")) attempt(comeBack);
}
