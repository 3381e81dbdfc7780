/** The geometry of stacked bars: numbers in, rectangles and lines out. Pure. */

/** Steps of seconds between lines, of which the smallest is taken that leaves at most four lines. */
const STEPS = [15, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 432_000, 864_000];

const MOST_LINES = 4;

/**
 * @param {{seconds: Record<string, number>, total: number}[]} rows
 * @param {readonly string[]} kinds from the bottom up
 * @param {{width: number, height: number, left: number, bottom: number, top: number}} frame room around the bars
 */
export function stackBars(rows, kinds, { width, height, left, bottom, top }) {
  const step = stepOf(Math.max(...rows.map(({ total }) => total), 1));
  const ceiling = step * Math.max(1, Math.ceil(Math.max(...rows.map(({ total }) => total)) / step));
  const [room, wide] = [height - bottom - top, (width - left) / rows.length];
  const yOf = (seconds) => top + room * (1 - seconds / ceiling);
  const bars = rows.flatMap((row, index) => {
    let below = 0;
    return kinds.flatMap((kind) => {
      const seconds = row.seconds[kind] ?? 0;
      if (seconds <= 0) return [];
      const [from, to] = [below, below + seconds];
      below = to;
      const gap = Math.min(6, wide * 0.3);
      return [{ kind, index, x: left + index * wide + gap / 2, y: yOf(to), width: wide - gap, height: yOf(from) - yOf(to) }];
    });
  });
  const lines = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, index) => ({ seconds: index * step, y: yOf(index * step) }));
  return { bars, lines, middleOf: (index) => left + (index + 0.5) * wide };
}

/** Return which days are named below the bars: the first, the last and some between, evenly. */
export function namedDays(count, most) {
  const every = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0);
}

function stepOf(highest) {
  return STEPS.find((step) => highest / step <= MOST_LINES) ?? Math.ceil(highest / MOST_LINES / 864_000) * 864_000;
}
