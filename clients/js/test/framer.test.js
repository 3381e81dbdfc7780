import assert from "node:assert/strict";
import { test } from "node:test";

import { Framer } from "../src/framer.js";

const flat = (frames) => frames.flatMap(({ samples }) => [...samples]);

test("quanta become frames of 20 ms, and the rest comes with the flush", () => {
  const framer = new Framer({ from: 16_000, to: 16_000, channels: 1 });
  const frames = Array.from({ length: 10 }, () => framer.take([new Float32Array(128).fill(0.5)])).flat();
  assert.deepEqual(frames.map(({ samples }) => samples.length), [320, 320, 320, 320]);
  assert.deepEqual(framer.flush().map(({ samples }) => samples.length), []);
  framer.take([new Float32Array(100)]);
  assert.deepEqual(framer.flush().map(({ samples }) => samples.length), [100]);
});

test("what is too loud is cut off, not wrapped around", () => {
  const framer = new Framer({ from: 16_000, to: 16_000, channels: 1 });
  framer.take([Float32Array.of(2, -2, 1, -1, 0)]);
  assert.deepEqual(flat(framer.flush()), [32_767, -32_767, 32_767, -32_767, 0]);
});

test("one channel is the mean of all, several are interleaved and missing ones silent", () => {
  const mono = new Framer({ from: 16_000, to: 16_000, channels: 1 });
  mono.take([Float32Array.of(1, 0), Float32Array.of(0, 0.5)]);
  assert.deepEqual(flat(mono.flush()), [16_384, 8192]);
  const three = new Framer({ from: 16_000, to: 16_000, channels: 3 });
  three.take([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
  assert.deepEqual(flat(three.flush()), [32_767, 0, 0, 0, 32_767, 0]);
});

test("a frame tells how loud it is", () => {
  const framer = new Framer({ from: 16_000, to: 16_000, channels: 1 });
  const [frame] = framer.take([Float32Array.from({ length: 320 }, (_, index) => (index % 2 ? 0.5 : -0.5))]);
  assert.equal(frame.rms, 0.5);
  assert.equal(frame.peak, 0.5);
});

test("a device at 48 kHz gives as many samples as its time says", () => {
  const framer = new Framer({ from: 48_000, to: 16_000, channels: 1 });
  const frames = Array.from({ length: 375 }, () => framer.take([new Float32Array(128)])).flat();
  assert.equal(flat([...frames, ...framer.flush()]).length, 16_000);
});

test("no input is no sound", () => {
  assert.deepEqual(new Framer({ from: 48_000, to: 16_000, channels: 1 }).take([]), []);
});
