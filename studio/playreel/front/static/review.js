// Review: comments on frames and ranges, drawings, what is dealt with, what is approved, two versions side by side.
// The same file works on the server's page and in the offline page; `backend` is what differs.

import { button, field, h, option } from "./dom.js";
import { Player } from "./player.js";
import { Strokes } from "./sketch.js";
import { word } from "./words.js";

const COLORS = ["#e8973a", "#d43d33", "#2f7fd1", "#ffffff"];

/**
 * @param {HTMLElement} root
 * @param {{board: () => Promise<object[]>, comments: () => Promise<object>, comment, resolve, approve, me: {name: string, role: string},
 *   may: (verb: string) => boolean, attempt: (work: () => Promise<unknown>, element?: HTMLElement) => Promise<unknown>, extra?: HTMLElement[]}} backend
 */
export function mountReview(root, backend) {
  let shots = [];
  let shot;
  let version;
  let said = [];
  let approvals = {};
  let range;

  const player = new Player({ onframe: onFrame });
  const other = new Player();
  other.element.hidden = true;
  const strokes = new Strokes(player.overlay, { color: COLORS[0], width: 0.008, onchange: mark });
  strokes.on = false;

  const list = h("ol", { class: "pr-shots" });
  const versions = h("select", {});
  const against = h("select", {});
  const drawing = button(word("draw"), () => setDrawing(!strokes.on), { "aria-pressed": "false" });
  const colors = h("div", { class: "pr-colors", role: "group", "aria-label": word("colour"), hidden: true },
    COLORS.map((color, i) => h("button", { type: "button", class: "pr-color", style: `background:${color}`, "aria-label": `${word("colour")} ${i + 1}`, "aria-pressed": String(i === 0), onclick: (event) => pickColor(color, event.currentTarget) })),
    button(word("undo"), () => strokes.undo()));
  const from = h("output", {}, "1");
  const rangeIn = button(word("markIn"), () => setRange({ start: player.frame, stop: Math.max(range?.stop ?? 0, player.frame + 1) }));
  const rangeOut = button(word("markOut"), () => setRange({ start: Math.min(range?.start ?? player.frame, player.frame), stop: player.frame + 1 }));
  const text = h("textarea", { rows: "3", maxlength: "4000", placeholder: word("commentHint"), "aria-label": word("comment") });
  const send = button(word("send"), () => backend.attempt(sendComment, send), { class: "pr-primary" });
  const approve = button(word("approve"), () => backend.attempt(toggleApproval, approve), { class: "pr-approve" });
  const comments = h("ol", { class: "pr-comments", "aria-live": "polite" });
  const empty = h("p", { class: "pr-empty", hidden: true }, word("reviewEmpty"));

  root.classList.add("pr-review");
  root.replaceChildren(
    h("div", { class: "pr-row pr-review-head" }, field(word("version"), versions), field(word("compareWith"), against), approve, ...(backend.extra ?? [])),
    empty,
    h("div", { class: "pr-review-body" },
      list,
      h("div", { class: "pr-seen" },
        h("div", { class: "pr-pair" }, player.element, other.element),
        h("div", { class: "pr-write" },
          h("div", { class: "pr-row" }, h("span", { class: "pr-faint" }, word("onFrames")), from, rangeIn, rangeOut, drawing, colors),
          text, send)),
      comments),
  );

  function pickColor(color, element) {
    strokes.color = color;
    for (const sibling of colors.querySelectorAll(".pr-color")) sibling.setAttribute("aria-pressed", String(sibling === element));
  }

  function setDrawing(on) {
    strokes.on = on;
    drawing.setAttribute("aria-pressed", String(on));
    colors.hidden = !on;
    player.pause();
    player.stage.classList.toggle("pr-drawing", on);
    if (!on && strokes.list.length === 0) player.show(player.frame);
  }

  function mark() {
    if (!range) setRange({ start: player.frame, stop: player.frame + 1 });
  }

  function setRange(next) {
    range = next;
    const { start, stop } = range ?? { start: player.frame, stop: player.frame + 1 };
    from.textContent = stop - start > 1 ? `${start + 1}–${stop}` : `${start + 1}`;
  }

  function onFrame(frame) {
    if (!range) from.textContent = String(frame + 1);
    if (!other.element.hidden) other.show(Math.min(frame, other.frames - 1));
    for (const item of comments.children) item.classList.toggle("pr-here", Number(item.dataset.start) <= frame && frame < Number(item.dataset.stop));
  }

  // What is being drawn stays in sight; else what was drawn on this frame.
  player.drawings = (frame) => (strokes.list.length ? strokes.list : mine().filter((c) => c.start <= frame && frame < c.stop && !c.resolved).flatMap((c) => c.drawing));

  function mine() {
    return said.filter((comment) => comment.shot === shot?.shot && comment.take === version);
  }

  async function refresh() {
    const found = await backend.comments();
    said = found.comments;
    approvals = found.approvals;
    listShots();
    listComments();
    player.show(player.frame);
    approve.textContent = approvals[shot?.shot] ? word("withdraw") : word("approve");
    approve.setAttribute("aria-pressed", String(Boolean(approvals[shot?.shot])));
    approve.disabled = !shot || (version !== shot.take && !approvals[shot.shot]);
  }

  function listShots() {
    list.replaceChildren(...shots.map((entry) => {
      const open = said.filter((c) => c.shot === entry.shot && !c.resolved && !c.reply_to).length;
      return h("li", {}, h("button", { type: "button", class: "pr-card", "data-shot": entry.shot, "aria-pressed": String(entry === shot), onclick: () => choose(entry) },
        h("img", { src: backend.poster(entry.take), alt: "", class: "pr-pixels" }),
        h("span", { class: "pr-caption" }, `${entry.number}${approvals[entry.shot] ? " ✓" : ""}${open ? ` · ${open} ${word("open")}` : ""}`)));
    }));
  }

  function listComments() {
    const found = mine().filter((c) => !c.reply_to).sort((a, b) => a.start - b.start);
    comments.replaceChildren(...(found.length ? found.map(line) : [h("li", { class: "pr-empty" }, word("noComments"))]));
  }

  function line(comment) {
    const replies = said.filter((other_) => other_.reply_to === comment.uid);
    const may = comment.author === backend.me.name || backend.may("merge_comments");
    const frames = comment.stop - comment.start > 1 ? `${comment.start + 1}–${comment.stop}` : `${comment.start + 1}`;
    const answer = h("input", { type: "text", maxlength: "4000", placeholder: word("reply"), "aria-label": word("reply") });
    answer.addEventListener("keydown", (event) => event.key === "Enter" && answer.value.trim() && backend.attempt(async () => {
      await backend.comment({ take: comment.take, shot: comment.shot, start: comment.start, stop: comment.stop, text: answer.value, reply_to: comment.uid });
      await refresh();
    }));
    return h("li", { "data-start": comment.start, "data-stop": comment.stop, "data-comment": comment.uid, class: comment.resolved ? "pr-resolved" : "" },
      h("div", { class: "pr-comment-head" }, h("button", { type: "button", class: "pr-link", onclick: () => player.show(comment.start) }, `${word("frame")} ${frames}`), h("strong", {}, comment.author || "?"),
        h("span", { class: "pr-faint" }, `${word(comment.role) ?? ""}${comment.drawing.length ? ` · ${word("drawn")}` : ""}`)),
      h("p", { class: "pr-text" }, comment.text),
      replies.map((reply) => h("p", { class: "pr-reply" }, h("strong", {}, `${reply.author}: `), reply.text)),
      h("div", { class: "pr-row" }, answer, may ? button(comment.resolved ? word("reopen") : word("resolve"), () => backend.attempt(async () => (await backend.resolve({ comment: comment.uid, on: !comment.resolved }), await refresh()))) : null));
  }

  async function choose(entry) {
    shot = entry;
    root.dataset.shot = entry.shot;
    const all = [entry.take, ...entry.versions.filter((v) => v !== entry.take)];
    versions.replaceChildren(...all.map((v, i) => option(v, i ? v.slice(0, 8) : `${v.slice(0, 8)} · ${word("shownNow")}`)));
    against.replaceChildren(option("", "–"), ...all.map((v) => option(v, v.slice(0, 8))));
    other.element.hidden = true;
    await see(entry.take);
  }

  async function lengthOf(take) {
    return shot.lengths?.[take] ?? backend.length(take);
  }

  async function see(take) {
    version = take;
    range = undefined;
    strokes.list = [];
    const { frames, fps } = await lengthOf(take);
    await player.load(take, frames, fps);
    setRange(undefined);
    await refresh();
  }

  versions.addEventListener("change", () => backend.attempt(() => see(versions.value)));
  against.addEventListener("change", () => backend.attempt(async () => {
    other.element.hidden = !against.value;
    if (against.value) {
      const { frames, fps } = await lengthOf(against.value);
      await other.load(against.value, frames, fps, Math.min(player.frame, frames - 1));
    }
  }));

  async function sendComment() {
    const { start, stop } = range ?? { start: player.frame, stop: player.frame + 1 };
    await backend.comment({ take: version, shot: shot.shot, start, stop, text: text.value, drawing: strokes.list });
    text.value = "";
    strokes.list = [];
    setDrawing(false);
    setRange(undefined);
    await refresh();
  }

  async function toggleApproval() {
    await backend.approve({ shot: shot.shot, take: version, on: !approvals[shot.shot] });
    await reload();
  }

  async function reload() {
    shots = await backend.board();
    empty.hidden = shots.length > 0;
    for (const element of [send, approve, drawing, rangeIn, rangeOut]) element.disabled = !shots.length;
    const again = shots.find((entry) => entry.shot === shot?.shot) ?? shots[0];
    if (again && (again.shot !== shot?.shot || again.take !== shot.take)) await choose(again);
    else {
      if (again) shot = again;
      await refresh();
    }
  }

  backend.attempt(reload);
  return { reload, refresh };
}
