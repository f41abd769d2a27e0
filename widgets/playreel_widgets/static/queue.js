// The queue: what is being made, how far it is, and a way to stop it.
import { button, h, paint } from "./dom.js";
import { icon } from "./icons.js";
import { pictureOf } from "./link.js";
import { OPERATION_ICONS } from "./shelf.js";

const SHOWN = 6;

export function queueView({ link, t, notes, clips }) {
  const tasks = new Map();
  const rows = new Map();
  const list = h("ol.pr-queue", { "aria-label": t("queue") });
  const idle = h("p.pr-faint", {}, t("queueEmpty"));
  const machine = h("p.pr-faint.pr-machine", {});

  function row(task) {
    const bar = h("progress", { max: 1, "aria-label": t(task.operation) });
    const title = h("span.pr-words");
    const state = h("span.pr-faint");
    const stop = button(t("cancel"), { name: "close", bare: true, quiet: true, onclick: () => link.ask("cancel", { uid: task.uid }).catch(notes.refuse) });
    const hold = button(t("pause"), { name: "pause", bare: true, quiet: true, onclick: () => link.ask("pause", { uid: task.uid }).catch(notes.refuse) });
    const goOn = button(t("resume"), { name: "play", bare: true, quiet: true, onclick: () => link.ask("resume", { uid: task.uid }).catch(notes.refuse) });
    const again = button(t("retry"), { name: "retry", bare: true, quiet: true, onclick: () => link.ask("retry", { uid: task.uid }).catch(notes.refuse) });
    const picture = h("span.pr-thumb", {}, icon(OPERATION_ICONS[task.operation] ?? "film"));
    const trouble = h("p.pr-trouble", { hidden: true });
    const el = h("li", {}, picture, h("div.pr-job", {}, h("div.pr-jobline", {}, title, state), bar, trouble), hold, goOn, again, stop);
    el.update = (now) => {
      el.dataset.state = now.state;
      title.textContent = [t(now.operation), now.label].filter(Boolean).join(" · ");
      const running = now.state === "running";
      const share = now.total ? now.done / now.total : 0;
      const left = now.eta_s ? ` · ${Math.ceil(now.eta_s)} s` : "";
      const local = now.uid.startsWith("here-"); // made in the kernel, in a moment
      state.textContent = running && now.total ? `${Math.round(share * 100)} %${left}` : now.state === "done" ? `${now.seconds.toFixed(1)} s` : t(now.state);
      bar.hidden = !running && now.state !== "queued";
      if (running && !now.total) bar.removeAttribute("value");
      else bar.value = share;
      hold.hidden = local || (!running && now.state !== "queued");
      stop.hidden = local || (!running && now.state !== "queued" && now.state !== "paused");
      goOn.hidden = now.state !== "paused";
      again.hidden = local || (now.state !== "failed" && now.state !== "cancelled");
      const words = now.error?.message ?? (now.state === "paused" ? now.note : "");
      trouble.hidden = !words;
      trouble.textContent = words;
      if (now.state === "done" && now.result && now.takes?.length && !picture.dataset.made) {
        picture.dataset.made = "1";
        const canvas = clips.canvas(now.result, { autoplay: true });
        picture.replaceChildren(canvas);
      }
    };
    el.preview = async (buffer) => {
      if (picture.dataset.made) return;
      const bitmap = await pictureOf(buffer);
      if (!picture.querySelector("canvas")) picture.replaceChildren(h("canvas.pr-pixels", { "aria-hidden": "true" }));
      paint(picture.firstChild, bitmap);
      bitmap.close();
    };
    return el;
  }

  function take(task, buffers = []) {
    tasks.set(task.uid, { ...tasks.get(task.uid), ...task });
    let el = rows.get(task.uid);
    if (!el) {
      rows.set(task.uid, (el = row(task)));
      list.prepend(el);
      const old = [...list.children].slice(SHOWN).filter((item) => item.dataset.state !== "running" && item.dataset.state !== "queued");
      old.forEach((item) => item.remove());
    }
    el.update(tasks.get(task.uid));
    if (buffers[0]) el.preview(buffers[0]);
    idle.hidden = list.children.length > 0;
    if (task.state === "done" || task.state === "failed") tellMachine();
  }

  async function tellMachine() {
    try {
      const { value } = await link.ask("machine");
      machine.textContent = [value.engine, value.memory_mb ? `${value.memory_mb} MB` : null].filter(Boolean).join(" · ");
    } catch {
      // the line is a comfort, no more
    }
  }

  const load = async () => {
    try {
      for (const task of (await link.ask("tasks")).value) take(task);
      tellMachine();
    } catch (error) {
      notes.refuse(error);
    }
  };
  const off = [link.on("task", take), link.on("back", load)];
  load();
  const el = h("section.pr-queuebox", { "aria-label": t("queue") }, h("h3", {}, t("queue")), idle, list, machine);
  return { el, dispose: () => off.forEach((f) => f()) };
}
