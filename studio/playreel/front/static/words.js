// What the pages say, by the browser's language.

export const LANGUAGE = (navigator.languages?.[0] ?? navigator.language ?? "en").toLowerCase().startsWith("zh") ? 1 : 0;

let words = {};

export async function loadWords(base = "") {
  words = window.playreelWords ?? (await (await fetch(`${base}front/words.json`)).json());
  document.documentElement.lang = LANGUAGE ? "zh-CN" : "en";
}

export function word(key) {
  return words[key]?.[LANGUAGE] ?? key;
}

/** Writes the words of every element below `root` that names one. */
export function putWords(root = document) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
}
