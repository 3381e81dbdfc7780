/**
 * Sound from any rate to any other, piece by piece: a polyphase FIR whose windowed sinc keeps what lies above the new
 * rate's reach from folding back into speech.
 *
 * From 48 to 16 kHz: flat within 0.1 dB to 7 kHz, more than 70 dB down from 9 kHz on, 1.5 ms late.
 */

/** Taps to either side, in samples of the lower rate: they make the transition 0.2 of its reach wide. */
const REACH = 24;

/** Kaiser's window for 75 dB. */
const BETA = 7.4;

/** Where the filter is 6 dB down, as a part of the lower rate's reach. */
const CUTOFF = 0.985;

export class Resampler {
  #up;
  #down;
  #half;
  #phases;
  /** @type {Float32Array} what the next outputs still need */
  #kept;
  #at = 0;
  #phase = 0;
  #taken = 0;
  #given = 0;

  /**
   * @param {number} from Hz
   * @param {number} to Hz
   */
  constructor(from, to) {
    const shared = gcd(from, to);
    this.#up = to / shared;
    this.#down = from / shared;
    this.#half = from === to ? 0 : Math.ceil(REACH * Math.max(1, from / to));
    this.#phases = from === to ? [] : filters(this.#up, this.#half, Math.min(1, to / from));
    this.#kept = new Float32Array(Math.max(0, this.#half - 1));
  }

  /**
   * Return the samples that are complete with these; over time there are as many as the rates say.
   *
   * @param {Float32Array} input
   * @returns {Float32Array<ArrayBuffer>}
   */
  process(input) {
    this.#taken += input.length;
    return this.#half ? this.#filter(input) : new Float32Array(input);
  }

  /**
   * Return what is left once the sound has ended; then it begins anew.
   *
   * @returns {Float32Array<ArrayBuffer>}
   */
  flush() {
    if (!this.#half) return new Float32Array(0);
    const due = Math.ceil((this.#taken * this.#up) / this.#down) - this.#given;
    const rest = this.#filter(new Float32Array(this.#half)).slice(0, due);
    this.#kept = new Float32Array(Math.max(0, this.#half - 1));
    this.#at = this.#phase = this.#taken = this.#given = 0;
    return rest;
  }

  /** @param {Float32Array} input */
  #filter(input) {
    const [half, up, down, phases] = [this.#half, this.#up, this.#down, this.#phases];
    const sound = new Float32Array(this.#kept.length + input.length);
    sound.set(this.#kept);
    sound.set(input, this.#kept.length);
    const taps = 2 * half;
    const room = Math.max(0, Math.ceil(((sound.length - taps - this.#at + 1) * up - this.#phase) / down));
    const output = new Float32Array(room);
    let [at, phase, count] = [this.#at, this.#phase, 0];
    for (; at + taps <= sound.length; count++) {
      const filter = /** @type {Float32Array} */ (phases[phase]);
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += /** @type {number} */ (filter[tap]) * /** @type {number} */ (sound[at + tap]);
      output[count] = sum;
      phase += down;
      at += Math.floor(phase / up);
      phase %= up;
    }
    const used = Math.min(at, sound.length);
    this.#kept = sound.slice(used);
    this.#at = at - used;
    this.#phase = phase;
    this.#given += count;
    return output;
  }
}

/**
 * Return a filter for each place of an output between two inputs.
 *
 * Tap 0 of phase 0 stands `half - 1` inputs before the output's own.
 *
 * @param {number} phases
 * @param {number} half
 * @param {number} scale of the lower rate to the input's
 */
function filters(phases, half, scale) {
  const width = scale * CUTOFF;
  return Array.from({ length: phases }, (_, phase) => {
    const taps = Float64Array.from({ length: 2 * half }, (_unused, tap) => {
      const distance = tap - (half - 1) - phase / phases;
      return sinc(distance * width) * kaiser(distance / half);
    });
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return Float32Array.from(taps, (tap) => tap / sum); // silence and steady pressure pass unchanged
  });
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x from -1 to 1 */
function kaiser(x) {
  return Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/**
 * The modified Bessel function of the first kind and order 0, by its series.
 *
 * @param {number} x
 */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/**
 * @param {number} one
 * @param {number} other
 * @returns {number}
 */
function gcd(one, other) {
  return other ? gcd(other, one % other) : one;
}
