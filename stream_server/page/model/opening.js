/**
 * Something of which there is one at most, and that takes its time to open: a microphone, whose reader is asked first.
 *
 * Whoever lets go of it while it opens gets it closed once it is open.
 */

/** @template T */
export class Opening {
  #turn = 0;
  #isOpening = false;
  /** @type {T | null} */
  #held = null;

  /** @param {(opened: T) => unknown} close */
  constructor(close) {
    this.close = close;
  }

  /** @returns {"closed" | "opening" | "open"} */
  get state() {
    if (this.#held !== null) return "open";
    return this.#isOpening ? "opening" : "closed";
  }

  /**
   * Open it; resolves with null if somebody has let go of it meanwhile, or if it is open already, or about to be.
   *
   * @param {() => Promise<T>} how
   * @returns {Promise<T | null>}
   */
  async open(how) {
    if (this.state !== "closed") return null;
    const turn = ++this.#turn;
    this.#isOpening = true;
    try {
      const opened = await how();
      if (turn === this.#turn) return (this.#held = opened);
      await this.close(opened);
      return null;
    } catch (error) {
      if (turn === this.#turn) throw error;
      return null;
    } finally {
      if (turn === this.#turn) this.#isOpening = false;
    }
  }

  /** Let go of it, without closing it if it is open: return it, or null. */
  take() {
    const held = this.#held;
    this.#turn += 1;
    this.#held = null;
    this.#isOpening = false;
    return held;
  }
}
