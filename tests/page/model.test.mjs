import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { hoursMinutesSeconds, position, roundSeconds } = await load("model/durations.js");
const { readRoute, writeRoute } = await load("model/routes.js");
const { colourOf, markOf, PALETTE, revisionOf } = await load("model/speakers.js");
const { describeConnection, isRunning, offeredBy, USUAL_END_MS } = await load("model/connection.js");
const { explainFailure } = await load("model/failures.js");
const { languageChoices, languagesOf } = await load("model/languages.js");
const { fileName } = await load("model/files.js");
const { EventReader } = await load("model/event_stream.js");
const { actionsOf, hasEnded, shareDone, titleOf } = await load("model/jobs.js");
const { wavOf } = await load("model/wav.js");

test("durations are H:MM:SS, positions shorter where they can be", () => {
  assert.equal(hoursMinutesSeconds(9.9), "0:00:09");
  assert.equal(hoursMinutesSeconds(43_500), "12:05:00");
  assert.equal(position(0), "0:00");
  assert.equal(position(725), "12:05");
  assert.equal(position(3600), "1:00:00");
  assert.equal(position(-1), "0:00");
  assert.equal(roundSeconds(4.04), "4");
  assert.equal(roundSeconds(0.46), "0.5");
});

test("an address is read as it was written", () => {
  for (const route of [{ view: "live", item: null }, { view: "recordings", item: "a/b c%" }]) {
    assert.deepEqual(readRoute(writeRoute(route.view, route.item)), route);
  }
});

test("what nobody knows leads to the first view", () => {
  for (const hash of ["", "#", "#/", "#/nowhere/3", "#constructor"]) assert.deepEqual(readRoute(hash), { view: "live", item: null });
  assert.deepEqual(readRoute("#/recordings/%E0%A4"), { view: "recordings", item: null });
});

test("a speaker has a colour of the palette and never colour alone", () => {
  assert.equal(colourOf(null), 0);
  assert.equal(colourOf(1), 1);
  assert.equal(colourOf(PALETTE + 1), 1);
  assert.equal(markOf(3, null), "3");
  assert.equal(markOf(3, "Ana Maria Wijaya"), "AW");
  assert.equal(markOf(3, "budi"), "B");
  assert.equal(markOf(3, "𝒜na"), "𝒜");
  assert.equal(markOf(null, null), "·");
});

test("a change of speakers is said in the ids of the session", () => {
  assert.deepEqual(revisionOf({ name: "Ana", into: null }, 5, 3).names, [{ id: 2, name: "Ana" }]);
  assert.deepEqual(revisionOf({ name: null, into: 4 }, 5, 3).merged, [{ old: 2, new: 1 }]);
});

test("the state of a connection is told with what the reader needs to know", () => {
  assert.equal(describeConnection({ state: "open", lagMs: 900 }).key, "live.state.live");
  assert.deepEqual(describeConnection({ state: "open", lagMs: 4200 }), { tone: "behind", key: "live.state.behind", values: { seconds: "4.2" } });
  assert.deepEqual(describeConnection({ state: "reconnecting", bufferedSeconds: 12.4 }).values, { seconds: "12" });
  assert.ok(["connecting", "open", "reconnecting", "finishing"].every(isRunning));
  assert.ok(!isRunning("closed") && !isRunning("idle"));
});

test("a session that waits for a key says so, and what happens to the sound", () => {
  const away = { state: "reconnecting", bufferedSeconds: 61, lacksKey: true };
  assert.deepEqual(describeConnection(away), { tone: "broken", key: "live.state.keyless", values: { seconds: "61" } });
  assert.equal(describeConnection({ state: "open", lacksKey: true }).key, "live.state.live");
});

test("whoever has pressed Stop need not wait for a server that is away", () => {
  for (const state of ["idle", "open"]) assert.equal(offeredBy({ state, endingMs: null }), "stop");
  assert.equal(offeredBy({ state: "reconnecting", endingMs: null }), "stop");
  assert.equal(offeredBy({ state: "finishing", endingMs: 0 }), "finishing");
  assert.equal(offeredBy({ state: "finishing", endingMs: USUAL_END_MS + 1 }), "give_up");
  assert.equal(offeredBy({ state: "reconnecting", endingMs: 0 }), "give_up");
  assert.equal(offeredBy({ state: "closed", endingMs: 0 }), "again");
});

test("errors are explained, and what is wrong with a sample most clearly", () => {
  const known = () => true;
  assert.equal(explainFailure({ code: "unsuitable_sample", message: "the sample is too quiet: -60 dBFS" }, known).key, "error.sample_quiet");
  assert.equal(explainFailure({ code: "unsuitable_sample", message: "the sample has too little speech: 1 s" }, known).key, "error.sample_short");
  assert.equal(explainFailure({ name: "TypeError", message: "Failed to fetch" }, known).key, "error.unreachable");
  assert.equal(explainFailure(new DOMException("", "TimeoutError"), known).key, "error.unreachable");
  assert.deepEqual(explainFailure({ code: "invalid_configuration", message: "speaker_count must be …" }, known).detail, "speaker_count must be …");
  assert.deepEqual(explainFailure({ code: "of_tomorrow", message: "new" }, () => false), { key: "error.unknown", detail: "new" });
});

test("languages come from the server, else from its model", () => {
  assert.deepEqual(languagesOf({ languages: ["id", "en"] }), ["id", "en"]);
  assert.deepEqual(languagesOf({ model: "tiny.en" }), ["en"]);
  assert.ok(languagesOf({ model: "base" }).length > 90);
});

test("languages are named in the reader's, the reader's own first", () => {
  const choices = languageChoices(["de", "en", "id"], { language: "id", preferred: ["id-ID", "en"] });
  assert.deepEqual(choices.map(({ code }) => code), ["id", "en", "de"]);
  assert.equal(choices[0].name, "Indonesia");
});

test("a file's name has nothing that a file system refuses", () => {
  const moment = new Date(2026, 10, 7, 9, 5);
  assert.equal(fileName("Rapat: 3/4 \u0000", moment, "vtt"), "Rapat 3 4 2026-11-07 0905.vtt");
  assert.equal(fileName("", moment, "txt"), "captions 2026-11-07 0905.txt");
});

test("server-sent events are read however they are cut", () => {
  const stream = ': still here\n\nevent: progress\ndata: {"a":\ndata: 1}\n\nevent: complete\r\ndata: {}\r\n\r\n';
  const whole = new EventReader().read(stream);
  assert.deepEqual(whole, [{ event: "progress", data: '{"a":\n1}' }, { event: "complete", data: "{}" }]);
  const reader = new EventReader();
  assert.deepEqual([...stream].flatMap((letter) => reader.read(letter)), whole);
});

test("a job shows what is done and what can be done", () => {
  assert.equal(shareDone({ phase: "uploading", sent: 0.25 }), 0.25);
  assert.equal(shareDone({ phase: "queued" }), null);
  assert.equal(shareDone({ phase: "in_progress", progress: 0.5 }), 0.5);
  assert.deepEqual(actionsOf("failed"), ["retry", "remove"]);
  assert.deepEqual(actionsOf("complete"), ["open"]);
  assert.ok(hasEnded("cancelled") && !hasEnded("queued"));
  assert.equal(titleOf("C:\\talks\\Rapat 3.final.mp3"), "Rapat 3.final");
  assert.equal(titleOf(".mp3"), ".mp3");
});

test("samples become a WAV file", () => {
  const file = wavOf([Int16Array.of(1, -2), Int16Array.of(3)], 16_000);
  const view = new DataView(file.buffer);
  assert.equal(file.length, 50);
  assert.equal(String.fromCharCode(...file.subarray(0, 4), ...file.subarray(8, 16), ...file.subarray(36, 40)), "RIFFWAVEfmt data");
  assert.equal(view.getUint32(24, true), 16_000);
  assert.equal(view.getUint32(40, true), 6);
  assert.deepEqual([44, 46, 48].map((at) => view.getInt16(at, true)), [1, -2, 3]);
});
