import assert from "node:assert/strict";
import { test } from "node:test";

import { MsgpackError, packMsgpack, unpackMsgpack } from "../src/msgpack.js";

const VALUES = [null, true, false, 0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER, 0.5, -1.25e300, Infinity, "", "é", "a".repeat(31), "a".repeat(32), "b".repeat(300), "c".repeat(70_000), new Uint8Array(0), new Uint8Array(300), new Uint8Array(70_000), [], [1, [2, "x"]], Array(20).fill(1), Array(70_000).fill(null), {}, { a: { b: [null] } }];

test("what is packed is unpacked as it was", () => {
  for (const value of VALUES) assert.deepEqual(unpackMsgpack(packMsgpack(value)), value);
});

test("zero keeps its sign and what is no number stays none", () => {
  assert.ok(Object.is(unpackMsgpack(packMsgpack(-0)), -0));
  assert.ok(Number.isNaN(unpackMsgpack(packMsgpack(NaN))));
});

test("a view in the middle of memory is packed and unpacked as what it shows", () => {
  const memory = packMsgpack({ samples: new Uint8Array([9, 1, 2, 9]).subarray(1, 3) });
  const shifted = new Uint8Array(memory.length + 3);
  shifted.set(memory, 3);
  assert.deepEqual(unpackMsgpack(shifted.subarray(3)), { samples: new Uint8Array([1, 2]) });
});

test("what is undefined is left out", () => {
  assert.deepEqual(unpackMsgpack(packMsgpack({ a: undefined, b: 1 })), { b: 1 });
});

test("every beginning of a message, and one with more behind it, is refused", () => {
  const bytes = packMsgpack({ type: "final", words: [{ text: "é", n: 70_000, d: 0.5 }], raw: new Uint8Array(3) });
  for (let length = 0; length < bytes.length; length++) assert.throws(() => unpackMsgpack(bytes.slice(0, length)), MsgpackError);
  assert.throws(() => unpackMsgpack(new Uint8Array([...bytes, 0])), MsgpackError);
});

test("extensions, keys that are no text, broken text, and depth without end are refused", () => {
  for (const bytes of [[0xc1], [0xd4, 1, 0], [0xc7, 0, 1], [0x81, 1, 1], [0xa1, 0xff], Array(5000).fill(0x91)]) {
    assert.throws(() => unpackMsgpack(new Uint8Array(bytes)), MsgpackError);
  }
});

test("a length that is a lie costs no memory", () => {
  for (const type of [0xdd, 0xdf, 0xc6, 0xdb]) assert.throws(() => unpackMsgpack(new Uint8Array([type, 255, 255, 255, 255])), MsgpackError);
});

test("a key that means something to objects is only a key", () => {
  const value = unpackMsgpack(packMsgpack(JSON.parse('{"__proto__": {"polluted": true}}')));
  assert.equal(value.polluted, undefined);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
});
