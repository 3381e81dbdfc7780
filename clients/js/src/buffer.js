/**
 * The sound that was sent and not acknowledged, and that which was not sent yet: one stretch of frames without gaps. A
 * frame is one sample of each channel; positions count frames from the client's first on, whatever session they are in.
 */

/** Larger pieces are divided, so that what is acknowledged can be forgotten. */
const BLOCK_FRAMES = 8_000;

export class SoundBuffer {
  #channels;
  /** @type {{ start: number, samples: Int16Array<ArrayBuffer> }[]} */
  #blocks = [];
  /** @type {number} the block in which `unsent` lies */
  #cursor = 0;

  /** The first frame that is kept. */
  start = 0;
  /** The first frame that was not sent on this connection. */
  unsent = 0;
  /** The frame behind the last. */
  end = 0;

  /** @param {number} channels */
  constructor(channels) {
    this.#channels = channels;
  }

  /** How many frames are kept. */
  get length() {
    return this.end - this.start;
  }

  /** How many blocks are kept, which is what memory follows. */
  get blocks() {
    return this.#blocks.length;
  }

  /**
   * Keep a copy of samples, channels interleaved.
   *
   * @param {Int16Array} samples
   */
  append(samples) {
    const size = BLOCK_FRAMES * this.#channels;
    for (let first = 0; first < samples.length; first += size) {
      const block = new Int16Array(samples.subarray(first, first + size));
      this.#blocks.push({ start: this.end, samples: block });
      this.end += block.length / this.#channels;
    }
  }

  /**
   * Return the next unsent samples, at most up to a frame, and count them as sent; null if there are none.
   *
   * @param {number} [until]
   * @returns {Int16Array<ArrayBuffer> | null}
   */
  take(until = this.end) {
    while (this.#cursor < this.#blocks.length && this.#endOf(this.#cursor) <= this.unsent) this.#cursor++;
    const block = this.#blocks[this.#cursor];
    if (!block || this.unsent >= until) return null;
    const behind = Math.min(until, this.#endOf(this.#cursor));
    const samples = block.samples.subarray((this.unsent - block.start) * this.#channels, (behind - block.start) * this.#channels);
    this.unsent = behind;
    return samples;
  }

  /**
   * Forget what lies before a frame.
   *
   * @param {number} frame
   */
  acknowledge(frame) {
    this.start = Math.max(this.start, Math.min(frame, this.end));
    this.unsent = Math.max(this.unsent, this.start);
    let gone = 0;
    while (gone < this.#blocks.length && this.#endOf(gone) <= this.start) gone++;
    this.#blocks.splice(0, gone);
    this.#cursor = Math.max(0, this.#cursor - gone);
  }

  /**
   * Send again from a frame on; false if some of that is forgotten or was never there.
   *
   * @param {number} frame
   * @returns {boolean}
   */
  rewind(frame) {
    if (frame < this.start || frame > this.end) return false;
    this.unsent = frame;
    this.#cursor = 0;
    return true;
  }

  /** @param {number} index */
  #endOf(index) {
    const block = this.#blocks[index];
    return block ? block.start + block.samples.length / this.#channels : this.end;
  }
}
