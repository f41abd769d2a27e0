// One line weight, one grid: 16 by 16, strokes of 1.5.

const PATHS = {
  pen: "M3 13l.8-3L11 2.8a1.2 1.2 0 011.7 0l.5.5a1.2 1.2 0 010 1.7L6 12.2 3 13zM9.8 4l2.2 2.2",
  eraser: "M6.5 13h7M3.3 9.2l5.9-5.9a1.2 1.2 0 011.7 0l2 2a1.2 1.2 0 010 1.7L7 13H5.3l-2-2a1.2 1.2 0 010-1.8zM6.3 6.3l3.5 3.5",
  fill: "M7 2.5l5.5 5.5L7.8 12.7a1.2 1.2 0 01-1.7 0L2.8 9.4a1.2 1.2 0 010-1.7L7.8 2.7M3 8.5h9M13.5 11s1 1.2 1 1.9a1 1 0 01-2 0c0-.7 1-1.9 1-1.9z",
  undo: "M5.5 3L2.5 6l3 3M2.5 6h6.8a3.7 3.7 0 010 7.4H6",
  redo: "M10.5 3l3 3-3 3M13.5 6H6.7a3.7 3.7 0 000 7.4H10",
  clear: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.8 7v3.6M9.2 7v3.6",
  image: "M2.5 3.5h11v9h-11zM2.5 10.5l3-3 2.5 2.5 2-2 3.5 3.3M10.4 6.2h.01",
  play: "M4.5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  start: "M3.5 3v10M12.5 3.5L6.5 8l6 4.5z",
  markIn: "M6 2.5H3.5v11H6M7.5 8h5M10.3 5.6L12.7 8l-2.4 2.4",
  markOut: "M10 2.5h2.5v11H10M8.5 8h-5M5.7 5.6L3.3 8l2.4 2.4",
  capture: "M8 10.2a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4zM2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z",
  close: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.01",
  extend: "M2.5 4.5h6v7h-6zM10.5 8h4M12.5 6l2 2-2 2",
  loop: "M4.5 11.5a4.3 4.3 0 010-7h6M8.5 2.5l2 2-2 2M11.5 4.5a4.3 4.3 0 010 7h-6M7.5 13.5l-2-2 2-2",
  bridge: "M2.5 4.5h3v7h-3zM10.5 4.5h3v7h-3zM7 8h2",
  restyle: "M9.5 3.5l3 3M3 13c0-2 .8-3 2.2-3 1 0 1.8.8 1.8 1.8C7 13 5 13.4 3 13zM6.5 9.3l5-6a1.3 1.3 0 011.9 1.9l-6 5",
  shoot: "M2.5 5h7.5v6.5H2.5zM10 7.5l3.5-2v5.5L10 9M4.5 3h3.5",
  board: "M2.5 3h4.5v4H2.5zM9 3h4.5v4H9zM2.5 9h4.5v4H2.5zM9 9h4.5v4H9z",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6 3.5v9",
  film: "M2.5 3.5h11v9h-11zM5 3.5v9M11 3.5v9M2.5 6.5H5M2.5 9.5H5M11 6.5h2.5M11 9.5h2.5",
  up: "M8 12.5v-9M4.5 7L8 3.5 11.5 7",
  down: "M8 3.5v9M4.5 9L8 12.5 11.5 9",
  add: "M8 3v10M3 8h10",
  export: "M8 10V2.5M5 5l3-2.8L11 5M3 9.5V13h10V9.5",
  info: "M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.5v3.3M8 5.2v.01",
  compare: "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  region: "M2.5 3.5h11v9h-11zM6 6h6v4.5H6z",
  words: "M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2zM5 6h6M5 8.2h4",
  finish: "M3 8.5l3.2 3.2L13 4.8",
  split: "M8 2.5v11M2.5 5h3.5v6H2.5M13.5 5H10v6h3.5",
  merge: "M2.5 5h3.5v6H2.5M13.5 5H10v6h3.5M6.5 8h3",
  retry: "M12.8 6.5A5 5 0 103 9.2M13 3v3.5H9.5",
};

/** An icon; decoration, so that its button carries the words. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `pr-icon pr-icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}
