// Make: a still from words and a drawing (Gradio's form), film operations, the queue and the shelf.

import { act, attempt, notice } from "./act.js";
import { button, field, h, option, seconds } from "./dom.js";
import { Player } from "./player.js";
import { shared } from "./shared.js";
import { Sketch } from "./sketch.js";
import { word } from "./words.js";

const OPERATIONS = ["extend", "loop", "bridge", "restyle", "animate", "shoot"];
const TAKES = { prompt: ["extend", "loop", "bridge", "restyle", "animate", "shoot"], seconds: ["extend", "loop", "bridge", "animate", "shoot"], direction: ["extend"], last: ["bridge"], strength: ["restyle"], camera: ["extend", "loop", "bridge", "animate", "shoot"] };

let sketch;

export function mountSketch(root) {
  sketch = new Sketch();
  root.replaceChildren(sketch.element);
}

/** Called by Gradio's form. */
export async function makeStill(prompt, size, seed, strength) {
  await attempt(async () => {
    const given = { prompt: prompt ?? "", size, strength, sketch: sketch?.ink() ?? "", image: sketch?.image ?? "" };
    if (/^\d+$/.test((seed ?? "").trim())) given.seed = Number(seed);
    const job = await act("still", given);
    notice(`${word("queuedJob")} #${job.number}`);
    await refreshJobs();
  });
}

export function sizeSketch(size) {
  sketch?.setSize(size);
}

let refreshJobs = async () => {};

export function mountDesk(root) {
  const take = h("select", {});
  const last = h("select", {});
  const operation = h("select", {}, OPERATIONS.map((name) => option(name, word(name))));
  const prompt = h("input", { type: "text", maxlength: "2000" });
  const length = h("input", { type: "number", min: "0.1", max: "20", step: "0.1", value: "1" });
  const direction = h("select", {}, option("forward", word("forward")), option("backward", word("backward")));
  const strength = h("input", { type: "number", min: "0", max: "1", step: "0.05", value: "0.6" });
  const camera = h("select", {}, option("", word("cameraAny")), ["static", "pan left", "pan right", "zoom in", "zoom out", "tilt up", "tilt down"].map((name) => option(name, word(name))));
  const fields = { prompt: field(word("whatHappens"), prompt), seconds: field(word("seconds"), length), direction: field(word("direction"), direction), last: field(word("into"), last), strength: field(word("strength"), strength), camera: field(word("camera"), camera) };
  const taking = field(word("take"), take);
  const go = button(word("queueIt"), () => attempt(submit, go), { class: "pr-primary" });
  const player = new Player();
  root.replaceChildren(
    h("h3", {}, word("operations")),
    h("div", { class: "pr-row" }, field(word("operation"), operation), taking, fields.last, fields.direction, fields.seconds, fields.strength),
    h("div", { class: "pr-row" }, h("div", { class: "pr-wide" }, fields.prompt), fields.camera, go),
    h("div", { class: "pr-small" }, player.element),
  );

  function fit() {
    for (const [name, element] of Object.entries(fields)) element.hidden = !TAKES[name].includes(operation.value);
    taking.hidden = operation.value === "shoot";
  }
  operation.addEventListener("change", fit);
  fit();

  function list() {
    for (const select of [take, last]) {
      const chosen = select.value;
      select.replaceChildren(...shared.takes.map((found) => option(found.hash, `${found.name.slice(0, 6)} · ${word(found.operation)}${found.frames > 1 ? ` · ${found.frames} ${word("frames")}` : ""}`)));
      if (shared.takes.some((found) => found.hash === chosen)) select.value = chosen;
    }
    look();
  }
  function look() {
    const found = shared.takes.find((other) => other.hash === take.value);
    if (found && player.take !== found.hash) player.load(found.hash, found.frames, rateOf(found.fps));
  }
  take.addEventListener("change", look);
  shared.on("takes", list);
  shared.on("chosen", () => {
    take.value = shared.chosen;
    look();
  });
  list();

  async function submit() {
    const verb = operation.value;
    const given = {};
    if (verb !== "shoot") given.take = take.value;
    const values = { prompt: prompt.value, seconds: Number(length.value), direction: direction.value, last: last.value, strength: Number(strength.value), camera: camera.value };
    for (const [name, value] of Object.entries(values)) if (TAKES[name].includes(verb)) given[name] = value;
    const job = await act(verb, given);
    notice(`${word("queuedJob")} #${job.number}`);
    await refreshJobs();
  }
}

/** A rate such as "12" or "24000/1001" as a number. */
export function rateOf(fps) {
  const [top, below = "1"] = String(fps).split("/");
  return Number(top) / Number(below);
}

export function mountQueue(root) {
  const list = h("ul", { class: "pr-jobs" });
  root.replaceChildren(h("h3", {}, word("queue")), list);
  let done = "";

  refreshJobs = async () => {
    const { jobs } = await act("jobs");
    list.replaceChildren(...(jobs.length ? jobs.slice(0, 12).map(line) : [h("li", { class: "pr-faint" }, word("queueEmpty"))]));
    const now = jobs.filter((job) => job.state === "done").map((job) => job.job).join();
    if (now !== done) {
      done = now;
      await shared.refreshTakes();
      shared.tell("films");
    }
    return jobs.some((job) => job.state === "queued" || job.state === "running");
  };

  function line(job) {
    const waits = ["queued", "running", "paused"].includes(job.state);
    const made = h("li", { "data-state": job.state, "data-job": job.job },
      h("span", { class: "pr-job" }, `#${job.number} ${word(job.operation)}`),
      h("span", { class: "pr-faint pr-clip" }, job.label),
      h("span", {}, job.state === "running" && job.total ? `${Math.round(job.share * 100)} %` : word(job.state)),
      h("span", { class: "pr-faint" }, job.whose === "mine" ? word("mine") : job.whose),
      waits && job.may && shared.may("cancel") ? button(word("cancel"), () => attempt(async () => (await act("cancel", { job: job.job }), await refreshJobs()))) : null,
      ["failed", "cancelled"].includes(job.state) && job.whose === "mine" ? button(word("retry"), () => attempt(async () => (await act("retry", { job: job.job }), await refreshJobs()))) : null);
    if (job.state === "running" && job.total) made.append(h("progress", { max: 1, value: job.share }));
    if (job.failure) made.append(h("p", { class: "pr-trouble" }, job.failure));
    return made;
  }

  (async function follow() {
    let active = false;
    try {
      if (!document.hidden && root.isConnected) active = await refreshJobs();
    } catch {
      // the next look may succeed
    }
    if (root.isConnected) setTimeout(follow, active ? 1200 : 5000);
  })();
}

export function mountShelf(root) {
  const grid = h("div", { class: "pr-shelf" });
  root.replaceChildren(h("h3", {}, word("takes")), grid);
  function list() {
    grid.replaceChildren(
      ...(shared.takes.length ? shared.takes.slice(0, 60).map(card) : [h("p", { class: "pr-empty" }, word("shelfEmpty"))]),
    );
  }
  function card(take) {
    const image = h("img", { src: `media/poster/${take.hash}.png`, alt: take.text || take.operation, loading: "lazy", class: "pr-pixels" });
    const pick = h("button", { type: "button", class: "pr-card", "data-take": take.hash, "aria-pressed": String(shared.chosen === take.hash), onclick: () => shared.choose(take.hash) },
      image, h("span", { class: "pr-caption" }, `${word(take.operation)} · ${seconds(take.frames, rateOf(take.fps))}`));
    const add = shared.may("add_shot")
      ? button(word("toBoard"), (event) => attempt(async () => {
          await act("add_shot", { take: take.hash });
          notice(word("onBoard"));
          shared.tell("board");
        }, event.currentTarget))
      : null;
    return h("div", { class: "pr-item" }, pick, add);
  }
  shared.on("takes", list);
  shared.on("chosen", list);
  list();
}
