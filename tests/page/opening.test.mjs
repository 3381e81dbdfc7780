import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { Opening } = await load("model/opening.js");

/** Return an opening, and what was closed. */
function microphone() {
  const closed = [];
  return { opening: new Opening((each) => closed.push(each)), closed };
}

test("what is open is held until it is taken", async () => {
  const { opening, closed } = microphone();
  assert.equal(await opening.open(async () => "one"), "one");
  assert.equal(opening.state, "open");
  assert.equal(opening.take(), "one");
  assert.deepEqual([opening.state, closed], ["closed", []]);
});

test("asking twice opens once", async () => {
  const { opening } = microphone();
  const asked = Promise.withResolvers();
  const first = opening.open(() => asked.promise);
  assert.equal(opening.state, "opening");
  assert.equal(await opening.open(() => assert.fail("opened twice")), null);
  asked.resolve("one");
  assert.equal(await first, "one");
  assert.equal(await opening.open(() => assert.fail("opened twice")), null);
});

test("whoever goes while it opens leaves nothing open", async () => {
  const { opening, closed } = microphone();
  const asked = Promise.withResolvers();
  const first = opening.open(() => asked.promise);
  assert.equal(opening.take(), null);
  const second = opening.open(async () => "two");
  asked.resolve("one");
  assert.equal(await first, null);
  assert.equal(await second, "two");
  assert.deepEqual([closed, opening.take()], [["one"], "two"]);
});

test("a refusal is told to whoever still waits for it, and it can be tried again", async () => {
  const { opening } = microphone();
  const refused = async () => Promise.reject(new Error("refused"));
  await assert.rejects(opening.open(refused), /refused/);
  assert.equal(opening.state, "closed");
  const late = opening.open(refused);
  opening.take();
  assert.equal(await late, null);
});
