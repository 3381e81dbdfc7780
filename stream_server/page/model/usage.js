/** What was used, by day and kind. */

/** Kinds in the order in which bars are stacked. */
export const KINDS = ["live", "recording"];

/** Return a day as YYYY-MM-DD, in UTC as the server counts. */
export function dayOf(moment) {
  return moment.toISOString().slice(0, 10);
}

/** Return so many days, oldest first, ending with today. */
export function daysUntil(today, count) {
  return Array.from({ length: count }, (_, index) => dayOf(new Date(today.getTime() - (count - 1 - index) * 86_400_000)));
}

/**
 * Sort a report of `/v1/usage?group_by=day,kind` into days; a day without use has zeros.
 *
 * @param {{rows: {day: string, kind: string, billable_seconds: number, sessions: number}[]}} report
 * @param {string[]} days
 * @returns {{day: string, seconds: Record<string, number>, sessions: number, total: number}[]}
 */
export function byDay(report, days) {
  const found = new Map(
    days.map((day) => [day, { day, seconds: Object.fromEntries(KINDS.map((kind) => [kind, 0])), sessions: 0, total: 0 }]),
  );
  for (const { day, kind, billable_seconds: seconds, sessions } of report.rows) {
    const row = found.get(day);
    if (!row) continue;
    row.seconds[kind] = (row.seconds[kind] ?? 0) + seconds;
    row.total += seconds;
    row.sessions += sessions;
  }
  return [...found.values()];
}

/** Return the sums over days. */
export function sumOf(rows) {
  const seconds = Object.fromEntries(KINDS.map((kind) => [kind, rows.reduce((sum, row) => sum + row.seconds[kind], 0)]));
  return { seconds, total: rows.reduce((sum, row) => sum + row.total, 0), sessions: rows.reduce((sum, row) => sum + row.sessions, 0) };
}
