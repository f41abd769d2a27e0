// The fork tree: every stretch that was ever played, as lanes over time.
const NS = "http://www.w3.org/2000/svg";
const LANE = 14;

/** Rows for stretches: a child that goes on straight keeps its parent's row, others get new ones. */
function rowsOf(stretches) {
  const rows = [];
  const taken = new Set();
  let next = 0;
  stretches.forEach((stretch, index) => {
    const parentRow = stretch.parent < 0 ? null : rows[stretch.parent];
    if (parentRow === null || taken.has(stretch.parent)) rows[index] = next++;
    else {
      rows[index] = parentRow;
      taken.add(stretch.parent);
    }
  });
  return { rows, count: next };
}

/** Draws the tree into `svg`; `go(tip, at)` is called for a place that was picked. */
export function drawTree(svg, { stretches, here }, cursor, label, go) {
  svg.replaceChildren();
  const last = Math.max(1, ...stretches.map((s) => s.stop - 1));
  const { rows, count } = rowsOf(stretches);
  const width = 1000;
  svg.setAttribute("viewBox", `0 0 ${width} ${count * LANE + 4}`);
  svg.style.height = `${Math.min(8, count) * LANE + 4}px`;
  svg.setAttribute("preserveAspectRatio", "none");
  const x = (frame) => 8 + (frame / last) * (width - 16);
  const y = (index) => rows[index] * LANE + LANE / 2 + 2;
  const line = (d, classes) => {
    const path = document.createElementNS(NS, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", classes);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
    return path;
  };
  const order = stretches.map((_, index) => index).sort((a, b) => here.includes(a) - here.includes(b));
  for (const index of order) {
    const s = stretches[index];
    const mine = here.includes(index);
    const from = s.parent < 0 ? s.start : s.start - 1;
    const bend = s.parent >= 0 && rows[s.parent] !== rows[index] ? `M${x(from)} ${y(s.parent)} L${x(from)} ${y(index)} ` : `M${x(from)} ${y(index)} `;
    line(`${bend}L${x(s.stop - 1)} ${y(index)}`, `pr-branch${mine ? " pr-here" : ""}`);
    const hit = line(`M${x(from)} ${y(index)} L${x(s.stop - 1) + 1} ${y(index)}`, "pr-hit");
    hit.setAttribute("tabindex", "0");
    hit.setAttribute("role", "button");
    hit.setAttribute("aria-label", `${label} ${index + 1}: ${s.start}–${s.stop - 1}`);
    hit.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const frame = Math.round((((event.clientX - box.left) / box.width) * width - 8) / (width - 16) * last);
      go(s.tip, Math.min(s.stop - 1, Math.max(s.start, frame)));
    });
    hit.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      go(s.tip, s.stop - 1);
    });
  }
  const mark = line(`M${x(cursor)} 0 L${x(cursor)} ${count * LANE + 4}`, "pr-now");
  mark.setAttribute("aria-hidden", "true");
}
