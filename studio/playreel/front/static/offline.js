// The offline review page: what was said before is in the page, what is said now goes into a file.

import { Animatic } from "./board.js";
import { button, field, h } from "./dom.js";
import { setSource } from "./player.js";
import { mountReview } from "./review.js";
import { loadWords, word } from "./words.js";

const given = JSON.parse(document.getElementById("data").textContent);
window.playreelWords = given.words;
await loadWords();
setSource((take, chunk) => given.strips[take].chunks[chunk]);

const KEY = `playreel-review-${given.title}-${given.shots.map((shot) => shot.take.slice(0, 8)).join("")}`.slice(0, 200);
let events = [];
try {
  events = JSON.parse(localStorage.getItem(KEY) ?? "[]");
} catch {
  // a page from a file may have no storage: then the file is all there is
}

function uid(letter) {
  return `${letter}-${[...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const me = { name: "", role: "reviewer" };
const nameInput = h("input", { type: "text", maxlength: "60", value: me.name });
nameInput.addEventListener("input", () => {
  me.name = nameInput.value.trim();
});
const trouble = h("p", { class: "pr-trouble", role: "alert" });
const save = button(word("saveComments"), saveFile, { class: "pr-primary" });

function add(event) {
  if (!me.name) {
    nameInput.focus();
    throw new Error(word("yourName"));
  }
  events.push({ ...event, author: me.name, at: Math.round(Date.now() / 100) / 10 });
  try {
    localStorage.setItem(KEY, JSON.stringify(events));
  } catch {
    // see above
  }
  save.textContent = `${word("saveComments")} (${events.length})`;
}

function comments() {
  const all = [...given.comments, ...events.filter((event) => event.kind === "comment")].map((comment) => ({ ...comment, resolved: Boolean(comment.resolved) }));
  const approvals = { ...given.approvals };
  for (const event of events) {
    if (event.kind === "resolve") for (const comment of all) if (comment.uid === event.comment) comment.resolved = event.on;
    if (event.kind === "approve") {
      if (event.on) approvals[event.shot] = event;
      else delete approvals[event.shot];
    }
  }
  return { comments: all, approvals };
}

// One more than what the page knows of; what others said meanwhile is settled when the file is merged.
const step = (key, value) => (given.steps[value] ?? 0) + 1 + events.filter((event) => event[key] === value).length;

function saveFile() {
  const text = JSON.stringify({ format: "playreel-comments", version: 1, events }, null, 1);
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: `comments-${given.title}-${me.name || "reviewer"}.json`.replace(/[^\w.-]+/g, "-") });
  link.click();
}

const animatic = new Animatic();
const root = h("section");
document.querySelector("main").append(
  h("header", { class: "pr-top" }, h("div", { class: "pr-name" }, h("strong", {}, given.title), h("span", { class: "pr-faint" }, "Playreel")), field(word("yourName"), nameInput), save),
  h("p", { class: "pr-faint" }, word("offlineHint")),
  trouble,
  animatic.element,
  root,
);
animatic.set(given.shots);

mountReview(root, {
  board: async () => given.shots,
  comments: async () => comments(),
  comment: async (said) => add({ kind: "comment", uid: uid("c"), role: "reviewer", reply_to: "", drawing: [], ...said }),
  resolve: async ({ comment, on }) => add({ kind: "resolve", uid: uid("e"), comment, on, step: step("comment", comment) }),
  approve: async ({ shot, take, on }) => add({ kind: "approve", uid: uid("e"), shot, take, on, step: step("shot", shot) }),
  length: async (take) => given.strips[take],
  poster: (take) => given.strips[take].chunks[0],
  me,
  may: () => true,
  attempt: async (work, element) => {
    if (element) element.disabled = true;
    trouble.textContent = "";
    try {
      return await work();
    } catch (error) {
      trouble.textContent = error.message;
      return undefined;
    } finally {
      if (element) element.disabled = false;
    }
  },
});
if (events.length) save.textContent = `${word("saveComments")} (${events.length})`;
