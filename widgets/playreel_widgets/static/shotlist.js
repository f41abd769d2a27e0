// Shots of a sequence, one under the other, and who is in all of them.
import { button, field, h } from "./dom.js";

const MAX_SHOTS = 24;

export function shotList(context, cameras) {
  const { link, t, notes, clips } = context;
  let shots = [{}, {}];
  let sizes = {};
  let cards = [];
  const rows = h("ol.pr-shotrows", { "aria-label": t("sequence") });
  const add = button(t("addShot"), { name: "add", quiet: true, onclick: () => {
    shots.push({});
    show();
    rows.lastChild.querySelector("input").focus();
  } });

  function row(shot, index) {
    const named = (key) => `${t(key)}, ${t("shot")} ${index + 1}`;
    const words = h("input", { type: "text", value: shot.description ?? "", maxLength: 2000, placeholder: t("description"), "aria-label": named("description"), oninput: () => (shot.description = words.value) });
    const seconds = h("input", { type: "number", min: 0.25, max: 20, step: 0.25, value: shot.seconds ?? 2, "aria-label": named("seconds"), oninput: () => (shot.seconds = Number(seconds.value) || 2) });
    const size = h("select", { "aria-label": named("shotSize"), onchange: () => (shot.size = size.value) }, h("option", { value: "" }, "–"), ...Object.keys(sizes).map((code) => h("option", { value: code, selected: code === shot.size }, code)));
    const camera = h("select", { "aria-label": named("camera"), onchange: () => (shot.camera = camera.value) }, ...cameras().map(([value, text]) => h("option", { value, selected: value === (shot.camera ?? "") }, text)));
    return h("li", {}, h("span.pr-label", {}, String(index + 1)), words, seconds, size, camera, button(`${t("remove")}, ${t("shot")} ${index + 1}`, { name: "close", bare: true, quiet: true, disabled: shots.length === 1, onclick: () => {
      shots.splice(index, 1);
      show();
      rows.children[Math.max(0, index - 1)].querySelector("input").focus();
    } }));
  }
  function show() {
    rows.replaceChildren(...shots.map(row));
    add.disabled = shots.length >= MAX_SHOTS;
  }

  // -- the character -------------------------------------------------------------------------------

  const words = h("input", { type: "text", maxLength: 400, placeholder: t("characterHint") });
  const picture = h("select.pr-picker", {});
  const known = h("select", { onchange: () => {
    const card = cards[Number(known.value)];
    words.value = card?.words ?? "";
    picture.value = card?.take ?? "";
    name.value = card?.name ?? "";
  } });
  const name = h("input", { type: "text", maxLength: 60, placeholder: t("nameHint") });
  const keep = button(t("keepCard"), { onclick: async () => {
    try {
      await link.ask("remember", { name: name.value, character: words.value, picture: picture.value || null });
      notes.show(t("cardKept"), { kind: "info" });
      await load();
    } catch (error) {
      notes.refuse(error);
    }
  } });
  const knownField = field(t("cards"), known);
  const onBoard = h("input", { type: "checkbox", checked: true });

  function pictures() {
    const chosen = picture.value;
    const stills = [...clips.takes.values()].filter((take) => take.frames === 1);
    picture.replaceChildren(h("option", { value: "" }, t("noPicture")), ...stills.map((take) => h("option", { value: take.hash, selected: take.hash === chosen }, (take.text || take.name).slice(0, 60))));
  }
  async function load() {
    try {
      const [{ value }, { value: presets }] = await Promise.all([link.ask("characters"), link.ask("presets")]);
      cards = value;
      sizes = presets.sizes;
      known.replaceChildren(h("option", { value: "" }, "–"), ...cards.map((card, index) => h("option", { value: index }, card.name)));
      knownField.hidden = !cards.length;
      show();
    } catch (error) {
      notes.refuse(error);
    }
  }
  knownField.hidden = true;
  pictures();
  show();
  load();
  const off = clips.onchange(pictures);
  const el = h("div.pr-sequence", {}, rows, add,
    h("fieldset.pr-card-who", {}, h("legend.pr-label", {}, t("character")),
      h("div.pr-row", {}, knownField, field(t("looks"), words, ".pr-grow"), field(t("picture"), picture), field(t("cardName"), name, ".pr-mid"), keep)),
    h("label.pr-check", {}, onBoard, h("span", {}, t("putOnBoard"))));
  return {
    el,
    show,
    hasCharacter: () => Boolean(picture.value),
    args: () => ({ shots: shots.filter((shot) => shot.description?.trim()), character: words.value, picture: picture.value || null, on_board: onBoard.checked }),
    dispose: off,
  };
}
