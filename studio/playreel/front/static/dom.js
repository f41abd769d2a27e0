// Elements are made from data, never from text as HTML: what visitors write is only ever shown.

export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || (name in element && typeof value !== "string")) element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(label, onclick, more = {}) {
  return h("button", { type: "button", class: `pr-button ${more.class ?? ""}`, onclick, ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== "class")) }, label);
}

export function field(label, input) {
  return h("label", { class: "pr-field" }, h("span", {}, label), input);
}

export function option(value, label = value) {
  return h("option", { value }, label);
}

export function seconds(frames, fps) {
  return `${(frames / fps).toFixed(1)} s`;
}
