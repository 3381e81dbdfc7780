/** Draw stacked bars as SVG. The table below has the same numbers, so the picture itself is not read aloud. */

import { position } from "../model/durations.js";
import { namedDays, stackBars } from "../model/chart.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const FRAME = { width: 720, height: 220, left: 56, bottom: 28, top: 12 };

/** A phone has room for so many names of days. */
const MOST_NAMES = 6;

/**
 * @param {SVGElement} picture
 * @param {import("../model/usage.js").byDay extends (...args: any) => infer R ? R : never} rows
 * @param {{kinds: readonly string[], nameOf: (day: string) => string}} how
 */
export function drawBars(picture, rows, { kinds, nameOf }) {
  const { bars, lines, middleOf } = stackBars(rows, kinds, FRAME);
  picture.setAttribute("viewBox", `0 0 ${FRAME.width} ${FRAME.height}`);
  picture.replaceChildren(
    ...lines.flatMap(({ seconds, y }) => [
      shape("line", { x1: FRAME.left, x2: FRAME.width, y1: y, y2: y, class: "grid" }),
      written(position(seconds), { x: FRAME.left - 8, y: y + 4, "text-anchor": "end" }),
    ]),
    ...bars.map(({ kind, x, y, width, height }) => shape("rect", { x, y, width, height, rx: 2, class: `kind-${kind}` })),
    ...namedDays(rows.length, MOST_NAMES).map((index) =>
      written(nameOf(rows[index].day), {
        x: middleOf(index),
        y: FRAME.height - 8,
        "text-anchor": index === rows.length - 1 && rows.length > MOST_NAMES ? "end" : "middle",
      }),
    ),
  );
}

function shape(name, attributes) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function written(text, attributes) {
  const element = shape("text", attributes);
  element.textContent = text;
  return element;
}
