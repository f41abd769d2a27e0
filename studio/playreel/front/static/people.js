// People: who is in, what lets people in, and cutting off. For owners.

import { act, attempt, notice } from "./act.js";
import { button, field, h, option } from "./dom.js";
import { word } from "./words.js";

export function mountPeople(root) {
  const role = h("select", {}, ["reviewer", "player", "editor", "owner"].map((name) => option(name, word(name))));
  const expires = h("select", {}, ["1h", "24h", "7d", "30d"].map((time) => option(time)));
  expires.value = "24h";
  const once = h("input", { type: "checkbox" });
  const label = h("input", { type: "text", maxlength: "60" });
  const make = button(word("invite"), () => attempt(invite, make), { class: "pr-primary" });
  const made = h("div", { class: "pr-made", hidden: true });
  const visits = h("tbody");
  const passes = h("tbody");
  const disk = h("p", { class: "pr-faint" });
  const head = (...names) => h("thead", {}, h("tr", {}, names.map((name) => (name ? h("th", { scope: "col" }, name) : h("td")))));
  root.replaceChildren(
    h("h3", {}, word("inviteSomebody")),
    h("div", { class: "pr-row" }, field(word("role"), role), field(word("goodFor"), expires), field(word("forWhom"), label), h("label", { class: "pr-check" }, once, word("oneTime")), make),
    made,
    h("h3", {}, word("whoIsIn")),
    h("div", { class: "pr-scroll" }, h("table", { class: "pr-table" }, head(word("name"), word("role"), word("lastSeen"), ""), visits)),
    h("h3", {}, word("passes")),
    h("div", { class: "pr-scroll" }, h("table", { class: "pr-table" }, head(word("pass"), word("role"), word("state"), word("goodUntil"), ""), passes)),
    disk,
  );

  async function invite() {
    const answer = await act("invite", { role: role.value, expires: expires.value, once: once.checked, label: label.value });
    const link = `${location.origin}${location.pathname.replace(/\/$/, "")}/enter#${answer.token}`;
    const shown = h("input", { type: "text", readonly: true, value: link, "aria-label": word("link") });
    made.replaceChildren(
      h("p", { class: "pr-faint" }, word("linkOnce")),
      h("div", { class: "pr-row" }, h("div", { class: "pr-wide pr-field" }, shown), button(word("copy"), async () => {
        await navigator.clipboard?.writeText(link).catch(() => shown.select());
        notice(word("copied"));
      })),
    );
    made.hidden = false;
    shown.select();
    await refresh();
  }

  async function refresh() {
    const found = await act("people");
    const ago = (time) => {
      const minutes = Math.max(0, Math.round((found.now - time) / 60));
      return minutes < 1 ? word("justNow") : `${minutes} ${word("minutesAgo")}`;
    };
    visits.replaceChildren(...found.visits.filter((v) => v.in).map((v) => h("tr", { "data-visit": v.id },
      h("td", {}, v.me ? `${v.name} (${word("you")})` : v.name), h("td", {}, word(v.role)), h("td", {}, ago(v.seen)),
      h("td", {}, v.me ? null : button(word("cutOff"), () => attempt(async () => (await act("cut", { id: v.id }), await refresh()), null))))));
    const holds = (p) => p.state === "open" || p.state === "used";
    const ended = found.passes.filter((p) => !holds(p)).slice(0, 5);
    passes.replaceChildren(...[...found.passes.filter(holds), ...ended].map((p) => h("tr", { "data-pass": p.id },
      h("td", {}, `${word(`kind-${p.kind}`)}${p.once ? ` · ${word("oneTime")}` : ""}${p.label ? ` · ${p.label}` : ""}`), h("td", {}, word(p.role)), h("td", {}, word(`pass-${p.state}`)),
      h("td", {}, new Date(p.expires * 1000).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" })),
      h("td", {}, holds(p) ? button(word("revoke"), () => attempt(async () => (await act("revoke", { id: p.id }), await refresh()))) : null))));
    const size = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    disk.textContent = `${word("disk")}: ${size(found.disk.total)}${found.disk.budget ? ` / ${size(found.disk.budget)}` : ""}`;
  }

  (async function follow() {
    if (root.isConnected && !document.hidden) await refresh().catch(() => {});
    if (root.isConnected) setTimeout(follow, 5000);
  })();
}
