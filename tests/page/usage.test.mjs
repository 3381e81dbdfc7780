import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { byDay, daysUntil, KINDS, sumOf } = await load("model/usage.js");
const { namedDays, stackBars } = await load("model/chart.js");

const FRAME = { width: 700, height: 200, left: 50, bottom: 20, top: 10 };
const row = (live, recording) => ({ seconds: { live, recording }, total: live + recording });

test("days are counted in UTC, across months", () => {
  assert.deepEqual(daysUntil(new Date("2026-03-01T00:30:00Z"), 3), ["2026-02-27", "2026-02-28", "2026-03-01"]);
});

test("a report is sorted into days, and days without use have zeros", () => {
  const report = {
    rows: [
      { day: "2026-11-26", kind: "live", billable_seconds: 10.5, sessions: 1 },
      { day: "2026-11-26", kind: "recording", billable_seconds: 4, sessions: 2 },
      { day: "2026-01-01", kind: "live", billable_seconds: 99, sessions: 9 },
    ],
  };
  const rows = byDay(report, ["2026-11-26", "2026-11-27"]);
  assert.deepEqual(rows[0], { day: "2026-11-26", seconds: { live: 10.5, recording: 4 }, sessions: 3, total: 14.5 });
  assert.equal(rows[1].total, 0);
  assert.deepEqual(sumOf(rows), { seconds: { live: 10.5, recording: 4 }, total: 14.5, sessions: 3 });
});

test("bars stand on each other and end below the top", () => {
  const { bars } = stackBars([row(60, 30), row(0, 0)], KINDS, FRAME);
  assert.equal(bars.length, 2);
  const [live, recording] = bars;
  assert.ok(Math.abs(live.y + live.height - (FRAME.height - FRAME.bottom)) < 1e-9);
  assert.ok(Math.abs(recording.y + recording.height - live.y) < 1e-9);
  assert.ok(Math.abs(live.height / recording.height - 2) < 1e-9);
  assert.ok(recording.y >= FRAME.top);
});

test("there are two to five lines, whatever was used", () => {
  for (const seconds of [0, 1, 59, 61, 3601, 86_400, 40_000_000]) {
    const { lines, bars } = stackBars([row(seconds, 0)], KINDS, FRAME);
    assert.ok(lines.length >= 2 && lines.length <= 5, `${seconds}: ${lines.length}`);
    assert.ok(bars.every(({ y, height }) => Number.isFinite(y) && height > 0));
  }
});

test("the last day is always named", () => {
  assert.deepEqual(namedDays(7, 7), [0, 1, 2, 3, 4, 5, 6]);
  assert.equal(namedDays(90, 6).at(-1), 89);
  assert.ok(namedDays(90, 6).length <= 6);
});
