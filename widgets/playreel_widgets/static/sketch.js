// SketchPad: draw, say, see.
import { Drawing } from "./drawing.js";
import { button, field, h, paint, segmented } from "./dom.js";
import { icon } from "./icons.js";
import { pictureOf } from "./link.js";

const COLOURS = ["#1b1b1f", "#ffffff", "#c4453c", "#e8973a", "#e6c84b", "#4f9a55", "#3f7fc1", "#7a5aa8"];
const PAGES = { "16:9": [768, 432], "9:16": [432, 768], "1:1": [576, 576] };
const MAX_SIDE = 1536; // pixels of a picture brought in; larger ones are made smaller here

/** A picture the user brought, no larger than is of use. Throws where it is no picture. */
async function brought(file) {
  const whole = await createImageBitmap(file);
  const ratio = MAX_SIDE / Math.max(whole.width, whole.height);
  if (ratio >= 1) return { bitmap: whole, shrunk: false };
  const options = { resizeWidth: Math.round(whole.width * ratio), resizeHeight: Math.round(whole.height * ratio), resizeQuality: "high" };
  const bitmap = await createImageBitmap(whole, options);
  whole.close();
  return { bitmap, shrunk: true };
}

/** A drawing on white paper as ink on nothing, so that it can be erased like any other. */
async function inkOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const brush = canvas.getContext("2d");
  brush.drawImage(bitmap, 0, 0);
  const image = brush.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < image.data.length; i += 4) {
    const cover = 255 - Math.min(image.data[i], image.data[i + 1], image.data[i + 2]);
    // On white it then looks as it did: what is half covered is not paled a second time.
    for (let c = i; c < i + 3 && cover; c++) image.data[c] = 255 - ((255 - image.data[c]) * 255) / cover;
    image.data[i + 3] = Math.min(image.data[i + 3], cover);
  }
  brush.putImageData(image, 0, 0);
  return createImageBitmap(canvas);
}

const bytesOf = (canvas) =>
  new Promise((resolve) => canvas.toBlob(async (blob) => resolve(new Uint8Array(await blob.arrayBuffer())), "image/png"));

export function sketchView(context, options = {}) {
  const { link, t, notes, bus } = context;
  let size = options.size in PAGES ? options.size : "16:9";
  let tool = "pen";
  let colour = COLOURS[0];
  let guide = "lines";
  let still = null; // content hash of the last one
  let task = null;

  const ink = h("canvas.pr-layer");
  const reference = h("canvas.pr-layer.pr-reference");
  const onion = h("canvas.pr-layer.pr-onion.pr-pixels", { hidden: true });
  const cursor = h("div.pr-cursor", { hidden: true });
  const drawing = new Drawing(ink);
  let referenceBitmap = null;

  const exampleButton = button(t("example"), { quiet: true, onclick: example });
  const hint = h("div.pr-hint", {}, h("span", {}, t("drawHere")), exampleButton);
  const page = h(
    "div.pr-page",
    { tabIndex: 0, role: "application", "aria-label": t("canvas") },
    onion, reference, ink, cursor, hint,
  );

  // -- tools -----------------------------------------------------------------------------------

  const toolButtons = ["pen", "eraser", "fill"].map((name) =>
    button(t(name), { name, bare: true, quiet: true, "aria-pressed": String(name === tool), onclick: () => use(name) }),
  );
  const swatches = COLOURS.map((value, index) =>
    h("button.pr-swatch", {
      type: "button", "aria-label": `${t("colour")} ${index + 1}`, title: `${t("colour")} ${index + 1}`,
      "aria-pressed": String(value === colour), style: `--swatch:${value}`,
      onclick: () => pickColour(value),
    }),
  );
  const brush = h("input", { type: "range", min: 2, max: 48, value: 6, "aria-label": t("brushSize") });
  const undoButton = button(t("undo"), { name: "undo", bare: true, quiet: true, onclick: () => step("undo") });
  const redoButton = button(t("redo"), { name: "redo", bare: true, quiet: true, onclick: () => step("redo") });
  const clearButton = button(t("clear"), { name: "clear", bare: true, quiet: true, onclick: () => act({ kind: "clear" }) });
  const file = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true, onchange: () => bring(file.files[0]) });
  const imageButton = button(t("image"), { name: "image", bare: true, quiet: true, onclick: () => file.click() });
  const referenceShade = h("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": t("reference"), oninput: layers });
  const onionShade = h("input", { type: "range", min: 0, max: 100, value: 0, "aria-label": t("onion"), oninput: layers });

  function use(name) {
    tool = name;
    toolButtons.forEach((b, i) => b.setAttribute("aria-pressed", String(["pen", "eraser", "fill"][i] === name)));
    page.dataset.tool = name;
  }

  function pickColour(value) {
    colour = value;
    swatches.forEach((b, i) => b.setAttribute("aria-pressed", String(COLOURS[i] === value)));
    if (tool === "eraser") use("pen");
  }

  function layers() {
    reference.style.opacity = referenceShade.value / 100;
    reference.hidden = !referenceBitmap;
    onion.style.opacity = onionShade.value / 100;
    onion.hidden = !still || onionShade.value === "0";
    layerRow.hidden = !referenceBitmap && !still;
    referenceField.hidden = !referenceBitmap;
    onionField.hidden = !still;
    hint.hidden = !drawing.empty || Boolean(referenceBitmap);
    undoButton.disabled = !drawing.canUndo;
    redoButton.disabled = !drawing.canRedo;
    keepSoon();
  }

  function act(entry, how) {
    drawing.add(entry, how);
    layers();
  }

  function step(which) {
    drawing[which]();
    layers();
  }

  async function example(event) {
    event.stopPropagation();
    try {
      const { value, buffers } = await link.ask("example");
      act({ kind: "picture", bitmap: await inkOf(await pictureOf(buffers[0])) });
      prompt.value = prompt.value || value.prompt;
    } catch (error) {
      notes.refuse(error);
    }
  }

  async function bring(blob) {
    if (!blob) return;
    try {
      const { bitmap, shrunk } = await brought(blob);
      if (shrunk) notes.show(t("tooBig"), { kind: "info" });
      referenceBitmap = bitmap;
      layReference();
      guidePick("picture");
    } catch {
      notes.show(t("notPicture"));
    }
    file.value = "";
  }

  function layReference() {
    if (referenceBitmap) {
      const [width, height] = PAGES[size];
      reference.width = width;
      reference.height = height;
      const ratio = Math.max(width / referenceBitmap.width, height / referenceBitmap.height);
      const [w, v] = [referenceBitmap.width * ratio, referenceBitmap.height * ratio];
      reference.getContext("2d").drawImage(referenceBitmap, (width - w) / 2, (height - v) / 2, w, v);
    }
    layers();
  }

  // -- drawing by pointer and by keyboard ----------------------------------------------------------

  let stroke = null;
  const at = (event) => {
    const box = page.getBoundingClientRect();
    const pressure = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 0.6;
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, pressure];
  };
  const begin = (point) => {
    if (tool === "fill") return act({ kind: "fill", x: point[0], y: point[1], colour });
    stroke = { kind: tool === "eraser" ? "erase" : "stroke", colour, size: Number(brush.value), points: [point] };
    drawing.segment(stroke, 0);
    hint.hidden = true;
  };
  const move = (point) => {
    stroke.points.push(point);
    drawing.segment(stroke, stroke.points.length - 1);
  };
  const end = () => {
    if (stroke) act(stroke, { drawn: true });
    stroke = null;
  };
  page.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || event.target.closest("button")) return;
    page.focus({ preventScroll: true });
    page.setPointerCapture(event.pointerId);
    cursor.hidden = true;
    begin(at(event));
    event.preventDefault();
  });
  page.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) move(at(point));
  });
  for (const name of ["pointerup", "pointercancel"]) page.addEventListener(name, end);

  const pen = { x: 0.5, y: 0.5 };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  page.addEventListener("keydown", (event) => {
    if (event.target !== page) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") step(event.shiftKey ? "redo" : "undo");
      else if (key === "y") step("redo");
      else return;
    } else if (key in ARROWS) {
      const pace = event.shiftKey ? 0.05 : 0.0125;
      pen.x = Math.min(1, Math.max(0, pen.x + ARROWS[key][0] * pace));
      pen.y = Math.min(1, Math.max(0, pen.y + ARROWS[key][1] * pace * (PAGES[size][0] / PAGES[size][1])));
      if (stroke) move([pen.x, pen.y, 0.6]);
      cursor.hidden = false;
      cursor.style.left = `${pen.x * 100}%`;
      cursor.style.top = `${pen.y * 100}%`;
    } else if (key === " ") {
      if (stroke) end();
      else begin([pen.x, pen.y, 0.6]);
      cursor.classList.toggle("pr-down", Boolean(stroke));
    } else if (key === "d") use("pen");
    else if (key === "e") use("eraser");
    else if (key === "f") use("fill");
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  page.addEventListener("blur", end);

  const pasted = (event) => {
    const item = [...(event.clipboardData?.items ?? [])].find((i) => i.kind === "file");
    if (!item) return;
    event.preventDefault();
    event.stopPropagation();
    bring(item.getAsFile());
  };
  page.addEventListener("dragover", (event) => {
    event.preventDefault();
    page.classList.add("pr-over");
  });
  page.addEventListener("dragleave", () => page.classList.remove("pr-over"));
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    page.classList.remove("pr-over");
    bring(event.dataTransfer.files[0]);
  });

  // -- words and choices -------------------------------------------------------------------------

  const prompt = h("textarea", { rows: 2, value: options.prompt ?? "", placeholder: t("promptHint"), maxLength: 2000, oninput: keepSoon });
  const seed = h("input", { type: "number", min: 0, step: 1, placeholder: t("seedAny"), inputMode: "numeric" });
  const strength = h("input", { type: "range", min: 0, max: 100, value: 60, "aria-label": t("freedom") });
  const aspects = segmented(t("aspect"), Object.keys(PAGES).map((name) => [name, name]), size, (value) => resize(value));
  const guides = segmented(t("guide"), [["lines", t("lines")], ["picture", t("picture")]], guide, (value) => guidePick(value));
  const strengthField = field(t("freedom"), strength);
  const sameHero = h("input", { type: "checkbox" });
  const heroField = h("label.pr-check", { title: t("sameHeroHint"), hidden: true }, sameHero, h("span", {}, t("sameHero")));

  function guidePick(value) {
    guide = value;
    guides.pick(value);
    strengthField.hidden = guide !== "picture";
  }

  function resize(value) {
    size = value;
    const [width, height] = PAGES[size];
    page.style.setProperty("--aspect", `${width} / ${height}`);
    result.style.setProperty("--aspect", `${width} / ${height}`);
    drawing.resize(width, height);
    layReference();
  }

  // -- the still ---------------------------------------------------------------------------------

  const picture = h("canvas.pr-pixels", { role: "img", "aria-label": t("stillEmpty"), hidden: true });
  const empty = h("div.pr-empty", {}, icon("image"), h("span", {}, t("stillEmpty")));
  const result = h("div.pr-result", {}, picture, empty);
  const makeButton = button(t("makeStill"), { primary: true, onclick: make });
  const playButton = button(t("playThis"), { name: "play", disabled: true, onclick: enter });

  async function make() {
    const sent = [new Uint8Array(0), new Uint8Array(0)];
    const inked = !drawing.empty;
    if (inked && guide === "lines") sent[0] = await bytesOf(ink);
    if (guide === "picture" && (referenceBitmap || inked)) sent[1] = await bytesOf(flattened());
    busy(true);
    try {
      const { value } = await link.ask("still", {
        prompt: prompt.value, size, seed: seed.value === "" ? null : Number(seed.value),
        strength: Number(strength.value) / 100, has_ink: inked && guide === "lines",
        hero: still && sameHero.checked ? still : null,
      }, sent);
      task = value.uid;
    } catch (error) {
      busy(false);
      notes.refuse(error);
    }
  }

  function flattened() {
    const flat = document.createElement("canvas");
    [flat.width, flat.height] = PAGES[size];
    const brush2d = flat.getContext("2d");
    brush2d.fillStyle = "#ffffff";
    brush2d.fillRect(0, 0, flat.width, flat.height);
    if (referenceBitmap) brush2d.drawImage(reference, 0, 0);
    brush2d.drawImage(ink, 0, 0);
    return flat;
  }

  function busy(on) {
    makeButton.disabled = on;
    makeButton.lastChild.textContent = on ? t("making") : t("makeStill");
    result.classList.toggle("pr-busy", on);
    if (!on) task = null;
  }

  async function showStill(hash, refuse = notes.refuse) {
    try {
      const { buffers } = await link.ask("poster", { take: hash });
      const bitmap = await pictureOf(buffers[0]);
      paint(picture, bitmap);
      paint(onion, bitmap);
      picture.hidden = false;
      picture.setAttribute("aria-label", prompt.value || t("makeStill"));
      empty.hidden = true;
      still = hash;
      playButton.disabled = false;
      heroField.hidden = false;
      layers();
    } catch (error) {
      refuse(error);
    }
  }

  async function enter() {
    playButton.disabled = true;
    try {
      await link.ask("world", { take: still }, [], 60000);
      bus?.emit("enter");
    } catch (error) {
      notes.refuse(error);
    }
    playButton.disabled = false;
  }

  const off = [
    link.on("task", (value) => {
      if (value.uid !== task) return;
      if (value.state === "done") {
        showStill(value.result);
        busy(false);
      } else if (value.state === "failed" || value.state === "cancelled") {
        busy(false);
        if (value.error) notes.show(value.error.message);
      }
    }),
    link.on("lost", () => busy(false)),
  ];

  // -- kept in the browser, so that a reload loses no drawing --------------------------------------

  const slot = `playreel:drawing:${options.project ?? ""}`;
  let timer = null;
  let restoring = false;
  function keepSoon() {
    if (restoring) return;
    clearTimeout(timer);
    timer = setTimeout(keepNow, 800);
  }
  function keepNow() {
    try {
      localStorage.setItem(slot, JSON.stringify({ size, prompt: prompt.value, still, ink: drawing.empty ? null : ink.toDataURL() }));
    } catch {
      // no room or no right to store: the drawing is still on the page
    }
  }
  async function restore() {
    restoring = true;
    try {
      const kept = JSON.parse(localStorage.getItem(slot) ?? "null");
      if (kept && !options.prompt) prompt.value = String(kept.prompt ?? "");
      if (kept?.size in PAGES) {
        aspects.pick(kept.size);
        resize(kept.size);
      }
      if (typeof kept?.still === "string") showStill(kept.still, () => undefined); // it may be in the trash
      if (kept?.ink?.startsWith("data:image/png;base64,")) {
        const bitmap = await createImageBitmap(await (await fetch(kept.ink)).blob());
        if (drawing.empty) act({ kind: "picture", bitmap });
      }
    } catch {
      // an unreadable leftover is no reason to stop
    }
    restoring = false;
  }

  // -- layout ------------------------------------------------------------------------------------

  const referenceField = field(t("reference"), referenceShade);
  const onionField = field(t("onion"), onionShade);
  const layerRow = h("div.pr-row", {}, referenceField, onionField);
  const tools = h(
    "div.pr-tools", { role: "toolbar", "aria-label": t("pen") },
    ...toolButtons, h("span.pr-gap"), ...swatches, h("span.pr-gap"),
    h("label.pr-brush", {}, brush), h("span.pr-spring"),
    undoButton, redoButton, clearButton, imageButton, file,
  );
  const el = h(
    "section.pr-sketch", { "aria-label": t("pen") },
    h("div.pr-draw", {}, tools, h("div.pr-mat", {}, page), layerRow),
    h(
      "div.pr-say", {},
      field(t("prompt"), prompt),
      h("div.pr-row", {}, h("div.pr-field", {}, h("span.pr-label", {}, t("aspect")), aspects), field(t("seed"), seed, ".pr-short")),
      h("div.pr-row", {}, h("div.pr-field", {}, h("span.pr-label", {}, t("guide")), guides), strengthField),
      h("div.pr-row.pr-actions", {}, makeButton, playButton, heroField),
      result,
    ),
  );
  el.addEventListener("paste", pasted);
  use("pen");
  guidePick("lines");
  resize(size);
  restore();
  link.say("warm");
  return { el, dispose: () => { off.forEach((f) => f()); clearTimeout(timer); } };
}
