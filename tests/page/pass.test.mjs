import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, beforeEach, mock, test } from "node:test";

import { load } from "./page.mjs";

const stored = new Map();
Object.defineProperty(globalThis, "sessionStorage", {
  value: { getItem: (name) => stored.get(name) ?? null, setItem: (name, value) => stored.set(name, value), removeItem: (name) => stored.delete(name) },
});

let asked = [];
const waiting = [];
const server = createServer((request, response) => {
  asked.push({ key: request.headers.authorization, answer: (status, told) => response.writeHead(status).end(JSON.stringify(told)) });
  waiting.shift()?.();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const home = `http://127.0.0.1:${server.address().port}`;
const reallyFetch = globalThis.fetch;
globalThis.fetch = (path, options) => reallyFetch(new URL(path, home), options);

mock.timers.enable({ apis: ["Date"], now: Date.now() });

const { freshToken, nextToken, passChanges, passState, signIn, signOut } = await load("api/pass.js");

const heard = [];
for (const type of ["wanted", "ended"]) passChanges.addEventListener(type, () => heard.push(type));

/** Return the next request once it is there. */
async function nextRequest() {
  if (asked.length === 0) await new Promise((resolve) => waiting.push(resolve));
  return asked.shift();
}

/** Sign in, ten minutes before the pass ends. */
async function haveToken(token) {
  const signingIn = signIn("key");
  (await nextRequest()).answer(200, { token, expires_in: 600 });
  await signingIn;
}

/** Sign in, and let so much of the pass's life go by. */
async function haveOldToken(token, seconds = 500) {
  await haveToken(token);
  mock.timers.setTime(Date.now() + seconds * 1000);
}

after(() => {
  signOut();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  signOut();
  asked = [];
  heard.length = 0;
});

test("a key becomes a pass, and the key is not kept", async () => {
  await haveToken("token-1");
  assert.equal(await freshToken(), "token-1");
  assert.ok(![...stored.values()].some((each) => each.includes("key")));
});

test("whoever signs out while the pass is renewed is signed out", async () => {
  await haveOldToken("token-1");
  const renewing = freshToken();
  const request = await nextRequest();
  signOut();
  request.answer(200, { token: "token-2", expires_in: 600 });
  assert.equal(await renewing, undefined);
  assert.deepEqual([passState().signedIn, stored.size], [false, 0]);
});

test("a renewal that fails after signing out has nothing to end", async () => {
  await haveOldToken("token-1");
  const renewing = freshToken();
  const request = await nextRequest();
  signOut();
  request.answer(503, {});
  assert.equal(await renewing, undefined);
  assert.deepEqual(heard, []);
});

test("where a pass has ended, what goes on waits for the next, and the key is asked for once", async () => {
  await haveOldToken("token-1");
  const tokens = [nextToken(), nextToken()];
  const hasEnded = new Promise((resolve) => passChanges.addEventListener("wanted", resolve, { once: true }));
  (await nextRequest()).answer(401, { error: { code: "invalid_key", message: "ended" } });
  await hasEnded;
  await haveToken("token-2");
  assert.deepEqual(await Promise.all(tokens), ["token-2", "token-2"]);
  assert.deepEqual(heard, ["ended", "wanted"]);
});

test("a server that does not answer is not waited for without end", async () => {
  await haveOldToken("token-1");
  const tooLong = new AbortController();
  const timeout = mock.method(AbortSignal, "timeout", () => tooLong.signal);
  const renewing = freshToken();
  await nextRequest();
  tooLong.abort(new DOMException("", "TimeoutError"));
  assert.equal(await renewing, "token-1");
  assert.equal(timeout.mock.callCount(), 1);
  timeout.mock.restore();
});
