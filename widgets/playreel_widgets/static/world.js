// WorldPad: the playing world.
import { button, field, h, paint, Strip } from "./dom.js";
import { icon } from "./icons.js";
import { Buttons, KEYCAPS } from "./keys.js";
import { pictureOf } from "./link.js";
import { drawTree } from "./tree.js";

// Where a pad's buttons stand; others follow below.
const PLACES = { "jump-left": [1, 1], jump: [1, 2], "jump-right": [1, 3], left: [2, 1], stay: [2, 2], right: [2, 3] };

export function worldView(context, options = {}) {
  const { link, t, notes } = context;
  let session = options.session ?? null;
  let state = null;
  let cursor = 0;
  let length = 1;
  let marks = [null, null];
  let press = 0;
  const pressedAt = new Map();
  let tree = null;

  // -- the screen --------------------------------------------------------------------------------

  const canvas = h("canvas.pr-pixels", { "aria-hidden": "true" });
  const nothing = h("div.pr-empty", {}, icon("play"), h("span", {}, t("noWorld")));
  const screen = h(
    "div.pr-screen", { tabIndex: 0, role: "application", "aria-label": t("screen") },
    canvas, nothing,
  );
  const buttons = new Buttons((names) => {
    if (!session) return;
    for (const pad of pads.values()) pad.el.classList.toggle("pr-down", names.includes(pad.name));
    if (names.length) pressedAt.set(++press, performance.now());
    link.say("hold", { session, names, press });
  });

  // -- playing -----------------------------------------------------------------------------------

  const playButton = button(t("play"), { name: "play", bare: true, onclick: () => link.say("live", { session, on: !state?.live }) });
  const speed = h(
    "select", { "aria-label": t("speed"), title: t("speed"), onchange: () => link.say("speed", { session, factor: Number(speed.value) }) },
    ...["0.25", "0.5", "1", "2", "4"].map((value) => h("option", { value, selected: value === "1" }, `${value}×`)),
  );
  const slider = h("input.pr-scrub", { type: "range", min: 0, max: 0, value: 0, "aria-label": t("rewind"), oninput: () => link.say("seek", { session, frame: Number(slider.value) }) });
  const range = h("div.pr-range", { "aria-hidden": "true", hidden: true });
  const counter = h("output.pr-counter", {}, "0");
  const inButton = button(t("markIn"), { name: "markIn", bare: true, quiet: true, onclick: () => mark(0) });
  const outButton = button(t("markOut"), { name: "markOut", bare: true, quiet: true, onclick: () => mark(1) });
  const captureButton = button(t("capture"), { name: "capture", onclick: capture });
  const driftDot = h("span.pr-dot");
  const driftText = h("span", {}, "–");
  const drift = h("div.pr-drift", { title: t("drift") }, driftDot, h("span.pr-label", {}, t("drift")), driftText);
  const branches = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  branches.setAttribute("class", "pr-tree");
  branches.setAttribute("role", "group");
  branches.setAttribute("aria-label", t("branches"));
  const padGrid = h("div.pr-pads", { role: "group", "aria-label": t("play") });
  const pads = new Map();

  function mark(which) {
    marks[which] = cursor;
    if (marks[0] !== null && marks[1] !== null && marks[0] > marks[1]) marks.reverse();
    showMarks();
  }

  function showMarks() {
    const start = marks[0] ?? 0;
    const stop = marks[1] ?? Math.max(cursor, start);
    range.hidden = marks[0] === null && marks[1] === null;
    const last = Math.max(1, length - 1);
    range.style.left = `${(start / last) * 100}%`;
    range.style.width = `${((stop - start) / last) * 100}%`;
    captureButton.title = `${start}–${stop}`;
  }

  async function capture() {
    if (!session) return;
    const start = marks[0] ?? 0;
    const stop = (marks[1] ?? cursor) + 1;
    captureButton.disabled = true;
    try {
      await link.ask("capture", { session, start: Math.min(start, stop - 1), stop });
      marks = [null, null];
      showMarks();
      notes.show(`${t("captured")} ${start}–${stop - 1}`, { kind: "info" });
    } catch (error) {
      notes.refuse(error);
    }
    captureButton.disabled = false;
  }

  // -- buttons with previews -----------------------------------------------------------------------

  function setPads(actions) {
    padGrid.replaceChildren();
    pads.clear();
    actions.forEach((name) => {
      const preview = h("canvas.pr-pixels", { width: 128, height: 72, "aria-hidden": "true" });
      const el = h(
        "button.pr-pad", { type: "button", "aria-label": t(name) },
        preview, h("span.pr-padname", {}, t(name)),
        KEYCAPS[name] ? h("kbd", { "aria-hidden": "true" }, KEYCAPS[name]) : null,
      );
      if (PLACES[name]) [el.style.gridRow, el.style.gridColumn] = PLACES[name].map(String);
      el.addEventListener("pointerdown", (event) => {
        if (event.button > 0) return;
        el.setPointerCapture(event.pointerId);
        buttons.set(`pointer:${event.pointerId}`, name);
        event.preventDefault();
        screen.focus({ preventScroll: true });
      });
      for (const up of ["pointerup", "pointercancel", "lostpointercapture"]) {
        el.addEventListener(up, (event) => buttons.set(`pointer:${event.pointerId}`, null));
      }
      el.addEventListener("keydown", (event) => {
        if ((event.key !== "Enter" && event.key !== " ") || event.repeat) return;
        event.preventDefault();
        event.stopPropagation();
        buttons.set("enter", name);
      });
      el.addEventListener("keyup", () => buttons.set("enter", null));
      el.addEventListener("contextmenu", (event) => event.preventDefault());
      el.addEventListener("pointerenter", () => pads.get(name)?.strip?.run(true));
      el.addEventListener("pointerleave", () => pads.get(name)?.strip?.run(false));
      padGrid.append(el);
      pads.set(name, { name, el, preview, strip: null });
    });
  }

  // -- what the kernel tells -----------------------------------------------------------------------

  async function enter(value, buffers = []) {
    if (!value) return;
    const fresh = session !== value.session || !state;
    session = value.session;
    state = value;
    nothing.hidden = true;
    ({ cursor, length } = value);
    if (fresh) {
      setPads(value.actions);
      marks = [null, null];
      newest = 0;
    }
    const [height, width] = value.size;
    el.dataset.shape = width > height ? "wide" : width < height ? "tall" : "square";
    screen.style.setProperty("--aspect", `${width} / ${height}`);
    padGrid.style.setProperty("--aspect", `${width} / ${height}`);
    tree = value.tree;
    for (const control of [playButton, captureButton, inButton, outButton, slider, speed]) control.disabled = false;
    setLive(value.live);
    place();
    if (buffers[0]) show(await pictureOf(buffers[0]));
  }

  function show(bitmap) {
    paint(canvas, bitmap);
    bitmap.close();
    shown += 1;
    el.dataset.shown = String(shown);
    el.dataset.cursor = String(cursor);
  }

  function setLive(on) {
    if (state) state.live = on;
    playButton.replaceChildren(icon(on ? "pause" : "play"));
    playButton.setAttribute("aria-label", t(on ? "pause" : "play"));
    playButton.title = t(on ? "pause" : "play");
  }

  function place() {
    slider.max = String(length - 1);
    if (document.activeElement !== slider || Number(slider.value) > length - 1) slider.value = String(cursor);
    slider.value = String(cursor);
    counter.textContent = `${cursor} / ${length - 1}`;
    showMarks();
    if (tree) drawTree(branches, tree, cursor, t("branches"), (tip, at) => link.say("visit", { session, tip, at }));
  }

  let newest = 0;
  let shown = 0;
  async function frame(value, buffers) {
    if (value.session !== session) return;
    const bitmap = await pictureOf(buffers[0]);
    link.say("seen", { session, number: value.number });
    if (value.number < newest) return bitmap.close();
    newest = value.number;
    ({ cursor, length } = value);
    show(bitmap);
    if (value.press && pressedAt.has(value.press)) {
      // For tests and for the curious: how long a press took, without the model's own step.
      const took = performance.now() - pressedAt.get(value.press);
      el.dispatchEvent(new CustomEvent("playreel:pressed", { bubbles: true, detail: { took, step: value.step_ms } }));
      pressedAt.clear();
    }
    if (!value.action) placeSoon();
    else light();
  }

  // While playing, the slider follows each frame and the tree only once in a while.
  function light() {
    slider.max = String(length - 1);
    slider.value = String(cursor);
    counter.textContent = `${cursor} / ${length - 1}`;
    placeSoon();
  }
  let placing = null;
  function placeSoon() {
    placing ??= setTimeout(() => {
      placing = null;
      place();
    }, 120);
  }

  const mine = (listener) => (value, buffers) => value?.session === session && listener(value, buffers);
  const off = [
    link.on("frame", frame),
    link.on("entered", (value, buffers) => !options.session && enter(value, buffers)),
    link.on("stage", mine((value) => enter(value))),
    link.on("tree", mine((value) => {
      tree = value;
      placeSoon();
    })),
    link.on("preview", mine(async (value, buffers) => {
      const pad = pads.get(value.action);
      if (!pad) return;
      const bitmap = await pictureOf(buffers[0]);
      pad.strip?.run(false);
      pad.strip = new Strip(pad.preview, bitmap, value.frames, 8);
      pad.strip.show(value.frames - 1);
      pad.el.dataset.frames = String(value.frames);
    })),
    link.on("drift", mine(({ drift: found }) => {
      const level = !found ? "none" : Math.max(found.colour / 30, Math.abs(found.sharpness) / 2.5);
      const grade = level === "none" ? "none" : level < 0.5 ? "calm" : level < 1 ? "some" : "high";
      driftDot.dataset.grade = grade;
      driftText.textContent = { none: "–", calm: t("driftCalm"), some: t("driftSome"), high: t("driftHigh") }[grade];
    })),
    link.on("stage-error", mine((value) => notes.refuse(value))),
    link.on("lost", () => buttons.release()),
  ];

  // -- keys --------------------------------------------------------------------------------------

  const onKey = (event) => {
    if (buttons.key(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.type !== "keydown" || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { i: () => mark(0), o: () => mark(1), c: capture, p: () => playButton.click(), "[": () => seekBy(-1), "]": () => seekBy(1), Home: () => seekBy(-cursor), End: () => seekBy(length) };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || !session) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const seekBy = (n) => link.say("seek", { session, frame: Math.max(0, cursor + n) });
  screen.addEventListener("keydown", onKey);
  screen.addEventListener("keyup", onKey);
  screen.addEventListener("focus", () => buttons.watchPad(true));
  screen.addEventListener("blur", () => {
    buttons.watchPad(false);
    buttons.release();
  });
  const onPad = () => document.activeElement === screen && buttons.watchPad(true);
  window.addEventListener("gamepadconnected", onPad);

  for (const control of [playButton, captureButton, inButton, outButton, slider, speed]) control.disabled = true;
  const el = h(
    "section.pr-world", { "aria-label": t("playThis") },
    h("div.pr-stage", {}, screen,
      h("div.pr-transport", {}, playButton, speed, h("div.pr-track", {}, slider, range), counter),
      h("div.pr-row.pr-marks", {}, inButton, outButton, captureButton, h("span.pr-spring"), drift),
    ),
    h("div.pr-side", {}, padGrid,
      h("div.pr-branches", {}, h("span.pr-label", {}, t("branches")), branches),
      h("p.pr-faint", {}, t("worldKeys")),
    ),
  );
  const reenter = async () => {
    try {
      const { value, buffers } = await link.ask("enter", { session: options.session ?? null }, [], 60000);
      enter(value, buffers);
    } catch (error) {
      notes.refuse(error);
    }
  };
  off.push(link.on("back", reenter));
  reenter();
  return {
    el,
    focus: () => screen.focus({ preventScroll: true }),
    dispose: () => {
      buttons.release();
      buttons.watchPad(false);
      window.removeEventListener("gamepadconnected", onPad);
      clearTimeout(placing);
      off.forEach((f) => f());
    },
  };
}
