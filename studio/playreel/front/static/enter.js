// The door. An invitation's token stands behind the # of the link: it is sent in a body, never in an address.

import { loadWords, putWords, word } from "./words.js";

// In a notebook the pages stand in a frame. Browsers keep cookies from a frame of another site, and to them
// 127.0.0.1 is another site than localhost: so the frame goes by the notebook's own name for this machine.
const OWN = ["127.0.0.1", "localhost"];
const around = self === top ? "" : (location.ancestorOrigins?.[0] ?? document.referrer);
const host = around && around !== "null" ? new URL(around).hostname : location.hostname;
const moved = host !== location.hostname && OWN.includes(host) && OWN.includes(location.hostname);
if (moved) location.replace(`${location.protocol}//${host}:${location.port}${location.pathname}${location.hash}`);

const now = self !== top && location.hash.startsWith("#now="); // in at once, without the form
const token = location.hash.slice(now ? 5 : 1);
if (token && !moved) history.replaceState(null, "", location.pathname);

await loadWords("");
putWords();

const form = document.getElementById("form");
const trouble = document.getElementById("trouble");
if (token) {
  document.getElementById("password-field").hidden = true;
  document.getElementById("hint").textContent = word("invited");
}
form.name.value = localStorage.getItem("playreel-name") ?? "";
(token || form.name.value ? form.querySelector("button") : form.name).focus();

async function enter() {
  trouble.hidden = true;
  const given = { name: form.name.value };
  if (token) given.invite = token;
  else given.password = form.password.value;
  localStorage.setItem("playreel-name", form.name.value);
  let refused = { code: "lost", message: "" };
  try {
    const reply = await fetch("enter", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) });
    if (reply.ok) {
      location.replace("./");
      return;
    }
    refused = await reply.json();
  } catch {
    // no answer, or none of ours
  }
  const key = `error-${refused.code}`;
  trouble.textContent = word(key) === key ? refused.message : word(key);
  trouble.hidden = false;
  if (token) {
    document.getElementById("password-field").hidden = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  enter();
});
if (now && !moved) enter();
