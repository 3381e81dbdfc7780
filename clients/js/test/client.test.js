import assert from "node:assert/strict";
import { test } from "node:test";

import { AuthenticationError, BufferFull, ConfigurationError, ConnectionLost, QuotaError, ServerBusyError, SessionLost, StreamClient } from "../src/index.js";
import { FakeServer, WORD, sound, wordsOf } from "./fake-server.js";

const FAST = { firstRetryMs: 1, mostRetryMs: 1 };

function connect(server, options = {}) {
  const client = new StreamClient({ url: "http://host/page", WebSocket: server.WebSocket, ...options, limits: { ...FAST, ...options.limits } });
  const states = [];
  client.on("state", (each) => states.push(each));
  return Object.assign(client, { states });
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

function wordsIn({ transcript }) {
  return transcript.utterances.flatMap(({ words }) => words.map(({ text }) => text));
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

for (const encoding of ["json", "msgpack"]) {
  test(`a session begins, is heard and ends, in ${encoding}`, async () => {
    const server = new FakeServer();
    const client = connect(server, { encoding, key: "sk-1", options: { language: "id" } });
    const ready = await client.start();
    assert.equal(ready.session_id, client.sessionId);
    for (let at = 0; at < 10_000; at += 320) client.send(sound(at, Math.min(at + 320, 10_000)));
    const { closed, usage } = await client.finish();
    assert.deepEqual(wordsIn(client), wordsOf(10_000));
    assert.equal(closed.error, null);
    assert.equal(usage.session_samples, 10_000);
    assert.deepEqual(server.keys, ["sk-1"]);
    assert.equal(server.starts[0].language, "id");
    assert.deepEqual(server.starts[0].audio, { encoding: "pcm_s16le", sample_rate: 16_000, channels: 1 });
    assert.deepEqual(client.states.map(({ state }) => state), ["connecting", "open", "finishing", "closed"]);
    assert.equal(client.bufferedSeconds, 0);
  });
}

test("sound that comes before the server is ready waits", async () => {
  const client = connect(new FakeServer());
  client.send(sound(0, 1000));
  await client.start();
  client.send(sound(1000, 2000));
  await client.finish();
  assert.deepEqual(wordsIn(client), wordsOf(2000));
});

test("a flush resolves when the words before it are there, and lies at its place in the sound", async () => {
  const server = new FakeServer();
  const client = connect(server);
  await client.start();
  client.send(sound(0, 2 * WORD));
  const flush = client.flush();
  client.send(sound(2 * WORD, 3 * WORD));
  const flushed = await flush;
  assert.equal(flushed.at_sample, 2 * WORD);
  assert.deepEqual(wordsIn(client).slice(0, 2), wordsOf(2 * WORD));
  await client.finish();
});

for (let seed = 1; seed <= 40; seed++) {
  test(`connections cut and servers restarted at random lose and double nothing (${seed})`, async () => {
    const next = random(seed);
    const server = new FakeServer();
    let until = 3 + Math.floor(next() * 12);
    server.onMessage = (message, socket) => {
      if (until-- > 0) return false;
      until = 2 + Math.floor(next() * 25);
      const swallowed = next() < 0.5;
      if (!swallowed) socket.take(message);
      if (next() < 0.3) server.restart();
      else socket.cut();
      return true;
    };
    const channels = 1 + (seed % 3);
    const client = connect(server, { encoding: seed % 2 ? "json" : "msgpack", channels });
    await client.start();
    const total = 30_000 + Math.floor(next() * 3000);
    const flushes = [];
    for (let at = 0; at < total; ) {
      const behind = Math.min(total, at + 1 + Math.floor(next() * 900));
      client.send(sound(at, behind, channels));
      at = behind;
      if (next() < 0.05) flushes.push(client.flush());
      if (next() < 0.3) await soon();
    }
    const { closed, usage } = await client.finish();
    await Promise.all(flushes);
    assert.equal(closed.error, null);
    assert.equal(usage.session_samples, total);
    assert.equal(server.starts.length, 1);
    assert.ok(server.resumes.length > 0);
    const [session] = server.sessions.values();
    assert.equal(session.audio.length, total); // the server itself checks each frame's place
    const finals = session.durable.filter(({ type }) => type === "final");
    assert.deepEqual(client.transcript.utterances.map(({ text }) => text), finals.map(({ text }) => text));
    assert.ok(client.transcript.utterances.every(({ final }) => final));
  });
}

test("a token is asked for anew for every connection", async () => {
  const server = new FakeServer();
  let asked = 0;
  const client = connect(server, { token: async () => `token-${++asked}` });
  await client.start();
  server.sockets[0].cut();
  client.send(sound(0, 1000));
  await client.finish();
  assert.deepEqual(server.keys, ["token-1", "token-2"]);
});

test("a session that the server does not know is given up honestly, and what is left of the sound goes into another", async () => {
  const server = new FakeServer();
  const client = connect(server);
  const lost = [];
  client.on("session_lost", (detail) => lost.push(detail));
  await client.start();
  client.send(sound(0, 2500));
  while (!client.transcript.utterances.some(({ final }) => final)) await soon();
  await soon();
  server.sessions.clear();
  server.sockets[0].cut();
  client.send(sound(2500, 5000));
  await client.finish();
  assert.equal(lost.length, 1);
  assert.ok(lost[0].error instanceof SessionLost);
  assert.equal(lost[0].sessionId, "s-1");
  assert.equal(lost[0].fromSeconds, 0.125);
  assert.equal(server.starts.length, 2);
  assert.deepEqual(wordsIn(client), wordsOf(5000));
  const starts = client.transcript.utterances.map(({ start }) => start);
  assert.deepEqual(starts, [...starts].sort((one, other) => one - other));
  assert.equal(starts[1], 0.125);
});

test("a server that cannot resume gets another session, and what it never heard", async () => {
  const server = new FakeServer();
  server.resumable = false;
  const client = connect(server);
  const lost = [];
  client.on("session_lost", (detail) => lost.push(detail));
  await client.start();
  client.send(sound(0, 2000));
  assert.equal(client.bufferedSeconds, 0); // nothing will ever be acknowledged
  server.sockets[0].cut();
  client.send(sound(2000, 4000));
  await client.finish();
  assert.equal(lost.length, 1);
  assert.equal(server.starts.length, 2);
  assert.equal([...server.sessions.values()][1].audio[0], 2000);
});

test("a full server is asked again, not before the time it names", async () => {
  const server = new FakeServer();
  server.onSocket = (socket) => {
    if (server.sockets.length < 3) socket.cut(1013, "server_full: all sessions are taken; retry after 0.05 s");
  };
  const client = connect(server);
  await client.start();
  const waits = client.states.filter(({ state }) => state === "reconnecting");
  assert.equal(waits.length, 2);
  assert.ok(waits.every(({ retryInMs, reason }) => retryInMs >= 50 && reason instanceof ServerBusyError && reason.retryAfterSeconds === 0.05));
  client.abort();
});

test("a first connection is not tried for ever", async () => {
  const server = new FakeServer();
  server.onSocket = (socket) => socket.cut();
  const client = connect(server, { limits: { startAttempts: 3 } });
  await assert.rejects(client.start(), ConnectionLost);
  assert.equal(server.sockets.length, 3);
  assert.equal(client.state, "closed");
});

for (const [code, closeCode, Class, retryable] of [
  ["invalid_key", 4000, AuthenticationError, false],
  ["quota_exceeded", 4005, QuotaError, false],
  ["invalid_configuration", 4001, ConfigurationError, false],
]) {
  test(`${code} is an error of its class and is not tried again`, async () => {
    const server = new FakeServer();
    server.onMessage = (message, socket) => message.type === "start" && (socket.fail(code, closeCode), true);
    const client = connect(server);
    const told = [];
    client.on("error", (error) => told.push(error));
    await assert.rejects(client.start(), (error) => error instanceof Class && error.code === code && error.retryable === retryable);
    assert.equal(told.length, 1);
    assert.equal(server.sockets.length, 1);
  });
}

test("a session that somebody else resumed is not fought for", async () => {
  const server = new FakeServer();
  const client = connect(server);
  await client.start();
  server.sockets[0].cut(4009, "resumed_elsewhere: the session goes on elsewhere");
  await new Promise((resolve) => client.on("error", resolve));
  assert.equal(server.sockets.length, 1);
});

for (const channels of [1, 2]) {
  test(`a session that has become too long goes on in another, and no word comes twice, with ${channels} channels`, async () => {
    const server = new FakeServer();
    const client = connect(server, { channels });
    const lost = [];
    client.on("session_lost", (detail) => lost.push(detail));
    await client.start();
    client.send(sound(0, 2 * WORD, channels));
    while (!client.transcript.utterances.length) await soon();
    server.sockets[0].expire("session_too_long", 4009);
    while (!client.transcript.utterances.some(({ final }) => final)) await soon();
    assert.ok(client.bufferedSeconds > 0); // of what is final already
    client.send(sound(2 * WORD, 4000, channels));
    while (server.starts.length < 2) await soon();
    await client.finish();
    assert.deepEqual(wordsIn(client), wordsOf(4000));
    assert.deepEqual(lost.map(({ fromSeconds }) => fromSeconds), [(2 * WORD) / 16_000]);
  });
}

test("words that were final but not acknowledged do not come again from a server that has forgotten the session", async () => {
  const server = new FakeServer();
  server.stores = false;
  const client = connect(server);
  await client.start();
  client.send(sound(0, 2000));
  while (!client.transcript.utterances.some(({ final }) => final)) await soon();
  server.sessions.clear();
  server.sockets[0].cut();
  client.send(sound(2000, 4000));
  await client.finish();
  assert.deepEqual(wordsIn(client), wordsOf(4000));
});

test("a session that ends with an error on a connection that had resumed it is over, and told of once", async () => {
  const server = new FakeServer();
  let refused = 0;
  server.onMessage = (message, socket) => message.type === "start" && server.starts.length === 1 && refused++ < 3 && (socket.fail("server_full", 1013, { retryable: true }), true);
  const client = connect(server);
  let lost = 0;
  client.on("session_lost", () => lost++);
  await client.start();
  server.sockets[0].cut();
  await new Promise((resolve) => client.on("resumed", resolve));
  server.sockets[1].expire("server_stopping", 1012);
  client.send(sound(0, 1000));
  while (server.starts.length < 2) await soon();
  await client.finish();
  assert.deepEqual([lost, refused > 3, server.resumes.length], [1, true, 1]);
});

test("a session goes on while the server stores nothing: what was sent is let go in the end, which is said once", async () => {
  const server = new FakeServer();
  server.stores = false;
  const client = connect(server, { limits: { maxBufferedSeconds: 0.5, aheadSeconds: 0.25 } });
  const told = [];
  client.on("unprotected", (detail) => told.push(detail));
  await client.start();
  for (let at = 0; at < 32_000; at += 400) {
    client.send(sound(at, at + 400));
    await client.drained();
  }
  assert.equal(told.length, 1);
  assert.ok(client.bufferedSeconds <= 0.5);
  server.sockets[0].cut();
  await client.finish();
  assert.deepEqual(wordsIn(client), wordsOf(32_000));
});

test("where no WebSocket can be made, the start is refused", async () => {
  const cause = new Error("mixed content");
  const WebSocket = function () {
    throw cause;
  };
  const client = new StreamClient({ url: "http://host", WebSocket });
  await assert.rejects(client.start(), (error) => error instanceof ConfigurationError && error.cause === cause);
  assert.equal(client.state, "closed");
});

test("a token that never comes is waited for a while, and asked for again", async () => {
  const server = new FakeServer();
  let asked = 0;
  const token = () => (asked++ === 0 ? new Promise(() => {}) : "t");
  const client = connect(server, { token, limits: { connectSeconds: 0.05 } });
  await client.start();
  assert.deepEqual(server.keys, ["t"]);
  client.abort();
});

for (const what of ["flush", "finish"]) {
  test(`a ${what} that nobody answers is asked again on another connection`, async () => {
    const server = new FakeServer();
    let swallowed = 0;
    server.onMessage = (message) => message.type === what && swallowed++ === 0;
    const client = connect(server, { limits: { answerSeconds: 0.5 } });
    await client.start();
    client.send(sound(0, 1000));
    await client[what]();
    assert.deepEqual(wordsIn(client), wordsOf(1000));
    assert.equal(server.resumes.length, 1);
    client.abort();
  });
}

test("more sound than may wait is refused whole, and says so", async () => {
  const server = new FakeServer();
  const client = connect(server, { limits: { maxBufferedSeconds: 1 } });
  client.send(sound(0, 16_000));
  assert.throws(() => client.send(sound(16_000, 16_001)), BufferFull);
  await client.start();
  await client.finish();
  assert.deepEqual(wordsIn(client), wordsOf(16_000));
});

test("whoever sends too fast is told, and told when there is room", async () => {
  const server = new FakeServer();
  const client = connect(server, { limits: { aheadSeconds: 0.5 } });
  await client.start();
  assert.equal(client.send(sound(0, 100)), true);
  assert.equal(client.send(sound(100, 9000)), false);
  await client.drained();
  assert.equal(client.send(sound(9000, 9001)), true);
  client.abort();
});

test("nothing more is sent while the socket holds much", async () => {
  const server = new FakeServer();
  const client = connect(server);
  await client.start();
  const socket = server.sockets[0].client;
  socket.bufferedAmount = 1e6;
  client.send(sound(0, 20_000));
  await soon();
  assert.equal(server.sessions.get("s-1").audio.length, 0);
  socket.bufferedAmount = 0;
  await client.finish();
  assert.deepEqual(wordsIn(client), wordsOf(20_000));
});

test("what waits for an answer is rejected when the session is aborted", async () => {
  const client = connect(new FakeServer());
  await client.start();
  const waiting = [client.flush(), client.finish()];
  client.abort();
  for (const each of waiting) await assert.rejects(each, { code: "aborted" });
  assert.throws(() => client.send(new Int16Array(2)), { code: "not_open" });
});

test("what answers but does not speak the protocol is not tried again", async () => {
  const server = new FakeServer();
  server.onMessage = (message, socket) => (setImmediate(() => socket.client.onmessage({ data: "<html>" })), true);
  await assert.rejects(connect(server).start(), { code: "invalid_message" });
  assert.equal(server.sockets.length, 1);
});

test("a token that cannot be had is asked for again", async () => {
  const server = new FakeServer();
  let asked = 0;
  const token = () => {
    if (asked++ === 0) throw new TypeError("fetch failed");
    return "t";
  };
  const client = connect(server, { token });
  await client.start();
  assert.deepEqual(server.keys, ["t"]);
  client.abort();
});

test("a frame that is cut is refused", () => {
  const client = new StreamClient({ url: "ws://host", channels: 2 });
  assert.throws(() => client.send(new Int16Array(3)), ConfigurationError);
});
