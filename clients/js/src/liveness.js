/** Notices that a connection which still seems open carries nothing: a browser tells of that after minutes, if ever. */

/**
 * @typedef {object} LivenessLimits
 * @property {number} silentMs without a word from the server while sound is sent to it
 * @property {number} stalledMs in which the network takes nothing of what waits
 * @property {number} answerMs without a word from the server while it owes an answer
 * @property {number} idleMs after which we say that we are there
 */

/** How long a connection has to show that it lives once the network is said to have changed. */
const SUSPECTED_MS = 3_000;

/** Sound that stops for longer begins anew. */
const PAUSE_MS = 2_000;

export class Liveness {
  #limits;
  #heardAt = 0;
  #sentAt = 0;
  #soundAt = -Infinity;
  #movedAt = 0;
  #taken = -1;
  /** @type {number | null} since when an answer is owed and nothing was heard */
  #owedAt = null;

  /**
   * @param {LivenessLimits} limits
   * @param {number} now milliseconds of any clock
   */
  constructor(limits, now) {
    this.#limits = limits;
    this.#heardAt = this.#sentAt = this.#movedAt = now;
  }

  /** @param {number} now */
  heard(now) {
    this.#heardAt = now;
    this.#owedAt = null; // judged anew
  }

  /**
   * @param {number} now
   * @param {boolean} sound whether it was sound
   */
  sent(now, sound) {
    this.#sentAt = now;
    if (!sound) return;
    if (now - this.#soundAt > PAUSE_MS) this.#heardAt = now; // an answer cannot have been due while nothing was said
    this.#soundAt = now;
  }

  /**
   * The network went away or came back: be impatient.
   *
   * @param {number} now
   */
  suspect(now) {
    this.#heardAt = Math.min(this.#heardAt, now - this.#limits.silentMs + SUSPECTED_MS);
    this.#movedAt = Math.min(this.#movedAt, now - this.#limits.stalledMs + SUSPECTED_MS);
  }

  /**
   * Judge, about once a second.
   *
   * @param {number} now
   * @param {object} seen
   * @param {number} seen.takenBytes that the network has taken
   * @param {number} seen.waitingBytes that it has not
   * @param {boolean} seen.answers whether the server is known to say something while it hears sound
   * @param {boolean} seen.owed whether it was asked for something and has not answered
   * @returns {"alive" | "idle" | "dead"} idle: say something
   */
  judge(now, { takenBytes, waitingBytes, answers, owed }) {
    if (takenBytes !== this.#taken || waitingBytes === 0) {
      this.#taken = takenBytes;
      this.#movedAt = now;
    }
    if (now - this.#movedAt >= this.#limits.stalledMs) return "dead";
    if (answers && now - this.#soundAt <= PAUSE_MS && now - this.#heardAt >= this.#limits.silentMs) return "dead";
    this.#owedAt = owed ? (this.#owedAt ?? now) : null;
    if (this.#owedAt !== null && now - this.#owedAt >= this.#limits.answerMs) return "dead";
    return now - this.#sentAt >= this.#limits.idleMs ? "idle" : "alive";
  }
}
