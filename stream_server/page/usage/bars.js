/** Draw stacked bars as SVG. The table below has the same numbers, so the picture itself is not read aloud. */

import { position } from "../model/durations.js";
import { namedDays, stackBars } from "../model/chart.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const FRAME = { left: 52, bottom: 28, top: 12 };

/** What the name of a day takes, and what is left of it beside the next one, in pixels. */
const NAME_WIDTH = 90;

/**
 * @param {SVGElement} picture
 * @param {ReturnType<import("../model/usage.js").byDay>} rows
 * @param {{kinds: readonly string[], nameOf: (day: string) => string}} how
 */
export function drawBars(picture, rows, { kinds, nameOf }) {
  const { width, height } = picture.getBoundingClientRect();
  if (!width || !height) return; // the view is hidden
  const most = Math.max(2, Math.floor((width - FRAME.left) / NAME_WIDTH));
  const { bars, lines, middleOf } = stackBars(rows, kinds, { ...FRAME, width, height });
  picture.replaceChildren(
    ...lines.flatMap(({ seconds, y }) => [
      shape("line", { x1: FRAME.left, x2: width, y1: y, y2: y, class: "grid" }),
      written(position(seconds), { x: FRAME.left - 8, y: y + 4, "text-anchor": "end" }),
    ]),
    ...bars.map(({ kind, index, ...box }) => shape("rect", { ...box, rx: 2, class: `kind-${kind}`, "data-day": rows[index].day })),
    ...namedDays(rows.length, most).map((index) =>
      written(nameOf(rows[index].day), {
        x: middleOf(index),
        y: height - 8,
        "text-anchor": index === rows.length - 1 && rows.length > most ? "end" : "middle",
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
