// Episodes: what there is of each, what is not made yet, and what the pacing lacks.
import { button, h } from "./dom.js";

/** `pick` is told which episode is to be shown ("" for all); `find` is told the uid of a shot. */
export function seriesBar({ link, t, notes }, { column, pick, find }) {
  let chosen = "";
  let value = { episodes: [], pacing: [], lacks: [], progress: 0 };
  const picker = h("select", { "aria-label": t("episodes"), onchange: () => choose(picker.value) });
  const bar = h("progress", { max: 1, "aria-label": t("made") });
  const words = h("span.pr-faint");
  const makeButton = button(t("makePlanned"), { name: "shoot", onclick: () => link.ask("board-make", { episode: chosen || null }).catch(notes.refuse) });
  const findings = h("ul.pr-findings");
  const fold = h("details.pr-more", {}, h("summary", {}), findings);
  const el = h("div.pr-series", { hidden: true }, h("div.pr-row.pr-actions", {}, picker, bar, words, h("span.pr-spring"), makeButton), fold);

  function choose(name) {
    chosen = name;
    draw();
    pick(name);
  }

  function draw() {
    const named = value.episodes.filter((episode) => episode.name);
    const scope = chosen ? named.filter((episode) => episode.name === chosen) : value.episodes;
    const shots = scope.reduce((sum, episode) => sum + episode.shots, 0);
    const made = scope.reduce((sum, episode) => sum + episode.made, 0);
    el.hidden = !named.length && made === shots;
    picker.hidden = !named.length;
    picker.replaceChildren(h("option", { value: "" }, `${t("allEpisodes")} (${named.length})`), ...named.map((episode) => h("option", { value: episode.name, selected: episode.name === chosen }, `${episode.name} · ${episode.made}/${episode.shots} · ${episode.seconds.toFixed(0)} s`)));
    bar.value = shots ? made / shots : 0;
    words.textContent = `${made} / ${shots} ${t("made")}`;
    makeButton.hidden = made === shots;
    const pacing = value.pacing.filter((finding) => !chosen || finding.episode === chosen);
    const lines = [...value.lacks.map((lack) => ({ ...lack, where: `${t("shot")} ${lack.number}` })), ...pacing.map((finding) => ({ ...finding, where: finding.episode }))];
    fold.hidden = !lines.length;
    fold.firstChild.textContent = `${lines.length} ${t("findings")}`;
    findings.replaceChildren(...lines.slice(0, 60).map((line) => h("li", {}, h("span.pr-label", {}, line.where), h("span", {}, line.words[column() ? "zh" : "en"]), line.uid ? button(t("showIt"), { quiet: true, onclick: () => find(line.uid) }) : null)));
  }

  async function load() {
    try {
      ({ value } = await link.ask("series"));
      if (chosen && !value.episodes.some((episode) => episode.name === chosen)) chosen = "";
      draw();
    } catch (error) {
      notes.refuse(error);
    }
  }
  let soon = null;
  return {
    el,
    load,
    later: () => {
      clearTimeout(soon);
      soon = setTimeout(load, 300);
    },
    chosen: () => chosen,
    episodes: () => value.episodes.filter((episode) => episode.name).map((episode) => episode.name),
    choose,
    dispose: () => clearTimeout(soon),
  };
}
