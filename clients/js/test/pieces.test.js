import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffMs } from "../src/backoff.js";
import { SoundBuffer } from "../src/buffer.js";
import { ConnectionLost, QuotaError, ServerBusyError, SessionLost, StreamError, errorOf, errorOfClose } from "../src/errors.js";
import { Liveness } from "../src/liveness.js";
import { sendStream } from "../src/node.js";
import { streamAddress } from "../src/protocol.js";

test("waiting grows, is spread out, has a limit, and never undercuts what the server asks for", () => {
  assert.equal(backoffMs(0, { firstMs: 100, random: () => 1 }), 100);
  assert.equal(backoffMs(3, { firstMs: 100, random: () => 1 }), 800);
  assert.equal(backoffMs(3, { firstMs: 100, random: () => 0 }), 0);
  assert.equal(backoffMs(1000, { mostMs: 9000, random: () => 1 }), 9000);
  assert.equal(backoffMs(0, { firstMs: 100, retryAfterSeconds: 4.2, random: () => 0 }), 4200);
});

test("the wire's address has nothing of the page's but its host", () => {
  assert.equal(streamAddress("https://user:pw@host:8443/meeting?token=x#y"), "wss://host:8443/v1/stream");
  assert.equal(streamAddress("http://host/"), "ws://host/v1/stream");
  assert.throws(() => streamAddress("ftp://host/"), TypeError);
});

test("a close tells the same as an error message", () => {
  const full = errorOfClose(1013, "server_full: all sessions are taken; retry after 4.2 s");
  assert.ok(full instanceof ServerBusyError && full.retryable);
  assert.deepEqual([full.code, full.retryAfterSeconds, full.closeCode], ["server_full", 4.2, 1013]);
  assert.ok(errorOfClose(1006, "") instanceof ConnectionLost);
  assert.ok(errorOfClose(4029, "") instanceof QuotaError);
  const elsewhere = errorOfClose(4009, "resumed_elsewhere: gone");
  assert.ok(elsewhere instanceof SessionLost && !elsewhere.retryable);
  const unknown = errorOf("something_new", "…", { retryable: true });
  assert.ok(unknown instanceof StreamError && unknown.retryable && unknown.name === "StreamError");
});

test("sound is kept from what is acknowledged on, and can be taken again from any frame of it", () => {
  const buffer = new SoundBuffer(2);
  buffer.append(Int16Array.from({ length: 40_000 }, (_, index) => index));
  assert.deepEqual([buffer.start, buffer.end], [0, 20_000]);
  while (buffer.take());
  buffer.acknowledge(12_345);
  assert.equal(buffer.rewind(12_344), false);
  assert.equal(buffer.rewind(20_001), false);
  assert.equal(buffer.rewind(12_345), true);
  assert.equal(buffer.take(12_346).join(), "24690,24691");
  assert.equal(buffer.take()[0], 24_692);
  buffer.acknowledge(20_000);
  assert.deepEqual([buffer.length, buffer.blocks], [0, 0]);
});

const LIMITS = { silentMs: 15_000, stalledMs: 10_000, answerMs: 30_000, idleMs: 20_000 };

test("a connection is dead when what was asked is not answered, counted from the last word", () => {
  const asked = new Liveness(LIMITS, 0);
  const seen = { takenBytes: 5, waitingBytes: 0, answers: false, owed: true };
  assert.equal(asked.judge(100_000, { ...seen, owed: false }) === "dead", false);
  assert.equal(asked.judge(100_000, seen) === "dead", false);
  asked.heard(120_000);
  assert.equal(asked.judge(121_000, seen) === "dead", false);
  assert.equal(asked.judge(150_999, seen) === "dead", false);
  assert.equal(asked.judge(151_000, seen), "dead");
});

test("a connection is dead when nothing gets through, or nobody answers to sound, and not because nobody speaks", () => {
  const stalled = new Liveness(LIMITS, 0);
  const seen = { takenBytes: 5, waitingBytes: 9, answers: true, owed: false };
  assert.equal(stalled.judge(0, seen), "alive");
  assert.equal(stalled.judge(10_000, seen), "dead");

  const silent = new Liveness(LIMITS, 0);
  for (let now = 0; now <= 15_000; now += 1000) silent.sent(now, true);
  assert.equal(silent.judge(15_000, { ...seen, waitingBytes: 0 }), "dead");
  assert.equal(silent.judge(15_000, { ...seen, waitingBytes: 0, answers: false }), "alive");
  silent.heard(15_000);
  assert.equal(silent.judge(15_000, { ...seen, waitingBytes: 0 }), "alive");

  const paused = new Liveness(LIMITS, 0);
  assert.equal(paused.judge(20_000, { ...seen, waitingBytes: 0 }), "idle");
  paused.sent(20_000, false);
  assert.equal(paused.judge(20_000, { ...seen, waitingBytes: 0 }), "alive");
  paused.sent(60_000, true);
  assert.equal(paused.judge(60_000, { ...seen, waitingBytes: 0 }), "alive");
});

test("once the network changed, a connection must show soon that it lives", () => {
  const liveness = new Liveness(LIMITS, 0);
  liveness.sent(1000, true);
  liveness.suspect(1000);
  liveness.sent(2000, true);
  liveness.sent(4000, true);
  assert.equal(liveness.judge(4000, { takenBytes: 1, waitingBytes: 0, answers: true, owed: false }), "dead");
});

test("a stream of node is sent whole frame by whole frame, wherever its pieces are cut", async () => {
  const bytes = Uint8Array.from({ length: 103 }, (_, index) => index);
  const sent = [];
  let drained = 0;
  const client = { channels: 2, send: (samples) => (sent.push(...new Uint8Array(samples.slice().buffer)), false), drained: async () => void drained++ };
  await sendStream(client, (async function* () {
    for (const [first, behind] of [[0, 1], [1, 6], [6, 6], [6, 50], [50, 103]]) yield bytes.subarray(first, behind);
  })());
  assert.deepEqual(sent, [...bytes.subarray(0, 100)]);
  assert.ok(drained > 0);
});
