/**
 * Floats of channels at one rate to frames of interleaved 16-bit samples at another, with their level: what the worklet
 * does, without the worklet. Pure.
 */

import { Resampler } from "./resampler.js";

/** Long enough to be cheap on the wire, short enough not to be noticed. */
export const FRAME_MS = 20;

/**
 * @typedef {object} Frame
 * @property {Int16Array<ArrayBuffer>} samples channels interleaved
 * @property {number} rms of all channels, 1 is the most
 * @property {number} peak
 */

export class Framer {
  #channels;
  #size;
  #resamplers;
  /** @type {Int16Array<ArrayBuffer>} */
  #frame;
  #filled = 0;
  #squares = 0;
  #peak = 0;

  /**
   * @param {object} options
   * @param {number} options.from the rate that comes, Hz
   * @param {number} options.to the rate that goes
   * @param {number} options.channels that go: one is the mean of all that come
   */
  constructor({ from, to, channels }) {
    this.#channels = channels;
    this.#size = Math.round((to * FRAME_MS) / 1000) * channels;
    this.#resamplers = Array.from({ length: channels }, () => new Resampler(from, to));
    this.#frame = new Int16Array(this.#size);
  }

  /**
   * Return the frames that are complete with these samples.
   *
   * @param {Float32Array[]} inputs a channel each, all of one length; missing ones are silent
   * @returns {Frame[]}
   */
  take(inputs) {
    const length = inputs[0]?.length ?? 0;
    if (!length) return [];
    const channels = this.#channels === 1 ? [mean(inputs)] : this.#resamplers.map((_, index) => inputs[index] ?? new Float32Array(length));
    return this.#cut(channels.map((channel, index) => /** @type {Resampler} */ (this.#resamplers[index]).process(channel)));
  }

  /**
   * Return what is left; the last frame may be short.
   *
   * @returns {Frame[]}
   */
  flush() {
    const frames = this.#cut(this.#resamplers.map((resampler) => resampler.flush()));
    return this.#filled ? [...frames, this.#done()] : frames;
  }

  /** @param {Float32Array[]} channels */
  #cut(channels) {
    /** @type {Frame[]} */
    const frames = [];
    const length = channels[0]?.length ?? 0;
    for (let index = 0; index < length; index++) {
      for (const channel of channels) {
        const value = Math.max(-1, Math.min(1, /** @type {number} */ (channel[index])));
        this.#frame[this.#filled++] = Math.round(value * 32_767);
        this.#squares += value * value;
        this.#peak = Math.max(this.#peak, Math.abs(value));
      }
      if (this.#filled === this.#size) frames.push(this.#done());
    }
    return frames;
  }

  /** @returns {Frame} */
  #done() {
    const samples = this.#filled === this.#size ? this.#frame : this.#frame.slice(0, this.#filled);
    const done = { samples, rms: Math.sqrt(this.#squares / this.#filled), peak: this.#peak };
    this.#frame = new Int16Array(this.#size);
    this.#filled = this.#squares = this.#peak = 0;
    return done;
  }
}

/** @param {Float32Array[]} channels */
function mean(channels) {
  const [first = new Float32Array(0), ...others] = channels;
  if (!others.length) return first;
  return first.map((value, index) => (value + others.reduce((sum, other) => sum + /** @type {number} */ (other[index]), 0)) / channels.length);
}
