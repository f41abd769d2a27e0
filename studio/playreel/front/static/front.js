// Fills the panels that Gradio's pages hold places for.

import { act, attempt, notice } from "./act.js";
import { mountBoard } from "./board.js";
import { button, h } from "./dom.js";
import { makeStill, mountDesk, mountQueue, mountShelf, mountSketch, sizeSketch } from "./make.js";
import { mountPeople } from "./people.js";
import { mountPlay } from "./play.js";
import { mountReview } from "./review.js";
import { shared } from "./shared.js";
import { loadWords, word } from "./words.js";

function mountTop(root) {
  const { me } = shared;
  const until = new Date(me.expires * 1000).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  root.classList.add("pr-top");
  root.replaceChildren(
    h("div", { class: "pr-name" }, h("strong", {}, me.project), h("span", { class: "pr-faint" }, "Playreel")),
    h("span", { class: "pr-faint pr-who" }, `${me.name} · ${word(me.role)} · ${word("until")} ${until}`),
    ...(self === top ? [] : [h("a", { class: "pr-button", href: location.pathname, target: "_blank" }, word("ownTab"))]),
    button(word("leave"), async () => {
      await fetch("leave", { method: "POST" });
      location.replace("enter");
    }),
  );
}

function review(root) {
  const file = h("input", { type: "file", accept: ".json,application/json", hidden: true });
  file.addEventListener("change", () => attempt(async () => {
    const answer = await act("merge_comments", { file: await file.files[0].text() });
    notice(`${word("merged")}: ${answer.added}`);
    file.value = "";
    await view.refresh();
  }));
  const extra = [h("a", { class: "pr-button", href: "review.html", download: "review.html" }, word("offlinePage"))];
  if (shared.may("merge_comments")) extra.push(button(word("mergeFile"), () => file.click()), file);
  const view = mountReview(root, {
    board: async () => (await act("board")).shots,
    comments: () => act("comments"),
    comment: (given) => act("comment", given),
    resolve: (given) => act("resolve", given),
    approve: (given) => act("approve", given),
    length: async () => ({ frames: 0, fps: 12 }), // a version whose take is gone
    poster: (take) => `media/poster/${take}.png`,
    me: shared.me,
    may: (verb) => shared.may(verb),
    attempt,
    extra,
  });
  shared.on("shots", () => attempt(view.reload));
  (function follow() {
    if (!root.isConnected) return;
    if (!document.hidden && root.offsetParent && !root.contains(document.activeElement)) view.refresh().catch(() => {});
    setTimeout(follow, 8000);
  })();
}

const PANELS = { top: mountTop, play: mountPlay, sketch: mountSketch, desk: mountDesk, queue: mountQueue, shelf: mountShelf, board: mountBoard, review, people: mountPeople };

function fill() {
  for (const root of document.querySelectorAll("[data-pr]:not([data-pr-ready])")) {
    root.dataset.prReady = "1";
    root.classList.add("pr");
    PANELS[root.dataset.pr]?.(root);
  }
}

await loadWords();
shared.me = await act("me");
await attempt(() => shared.refreshTakes());
window.playreel = { makeStill, sizeSketch };
fill();
new MutationObserver(fill).observe(document.body, { childList: true, subtree: true });
