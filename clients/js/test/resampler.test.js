import assert from "node:assert/strict";
import { test } from "node:test";

import { Resampler } from "../src/resampler.js";

function tone(hertz, rate, seconds = 1) {
  return Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / rate));
}

function resample(input, from, to, size = input.length) {
  const resampler = new Resampler(from, to);
  const pieces = [];
  for (let at = 0; at < input.length; at += size) pieces.push(...resampler.process(input.subarray(at, at + size)));
  return Float32Array.from([...pieces, ...resampler.flush()]);
}

/** How loud the middle is, in dB of a full tone. */
function level(samples) {
  const middle = samples.slice(samples.length / 4, (samples.length * 3) / 4);
  return 10 * Math.log10((2 * middle.reduce((sum, value) => sum + value * value, 0)) / middle.length);
}

for (const from of [48_000, 44_100]) {
  test(`speech passes from ${from} to 16000 Hz as it is`, () => {
    for (let hertz = 100; hertz <= 7000; hertz += 300) assert.ok(Math.abs(level(resample(tone(hertz, from), from, 16_000))) < 0.5, `${hertz} Hz`);
  });

  test(`nothing above its reach folds back from ${from} to 16000 Hz`, () => {
    for (const hertz of [9000, 10_000, 12_000, 15_000, 16_000, 20_000]) assert.ok(level(resample(tone(hertz, from), from, 16_000)) < -60, `${hertz} Hz`);
  });
}

test("a tone keeps its place in time", () => {
  const [output, wanted] = [resample(tone(440, 48_000), 48_000, 16_000), tone(440, 16_000)];
  for (let index = 200; index < 15_800; index++) assert.ok(Math.abs(output[index] - wanted[index]) < 0.002);
});

test("a tone goes up as well as down", () => {
  assert.ok(Math.abs(level(resample(tone(1000, 8000), 8000, 48_000))) < 0.5);
});

for (const [from, to] of [[48_000, 16_000], [44_100, 16_000], [8000, 16_000], [16_000, 16_000], [22_050, 24_000], [96_000, 8000], [11_025, 16_000]]) {
  test(`pieces of any size give the same samples from ${from} to ${to} Hz, as many as the rates say`, () => {
    const input = tone(500, from, 0.25).subarray(0, Math.floor(from / 4) - 7);
    const whole = resample(input, from, to);
    assert.equal(whole.length, Math.ceil((input.length * to) / from));
    for (const size of [1, 7, 128, 1000]) assert.deepEqual(resample(input, from, to, size), whole);
  });
}

test("after a flush it begins anew", () => {
  const resampler = new Resampler(48_000, 16_000);
  const once = [...resampler.process(tone(300, 48_000, 0.1)), ...resampler.flush()];
  assert.deepEqual([...resampler.process(tone(300, 48_000, 0.1)), ...resampler.flush()], once);
});

test("no sound gives none", () => {
  assert.equal(new Resampler(48_000, 16_000).flush().length, 0);
});
