// The door. An invitation's token stands behind the # of the link: it is sent in a body, never in an address.

import { loadWords, putWords, word } from "./words.js";

const token = location.hash.slice(1);
if (token) history.replaceState(null, "", location.pathname);

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

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  const given = { name: form.name.value };
  if (token) given.invite = token;
  else given.password = form.password.value;
  localStorage.setItem("playreel-name", form.name.value);
  const reply = await fetch("enter", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  if (reply.ok) {
    location.replace("./");
    return;
  }
  const { code, message } = await reply.json();
  trouble.textContent = word(`error-${code}`) === `error-${code}` ? message : `${word(`error-${code}`)}`;
  trouble.hidden = false;
  if (token) {
    document.getElementById("password-field").hidden = false;
  }
});
