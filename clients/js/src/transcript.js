/**
 * What was said so far, built from the server's messages: `Transcript`. Pure: no clock, no network.
 *
 * Where a session was lost and another one took over, the transcript goes on: times count from the first one's
 * beginning, and utterances and speakers of the later one have ids of their own.
 */

import { join } from "./join.js";
import { toMarkdown, toSrt, toText, toVtt } from "./exports.js";

/** @import * as wire from "./protocol.js" */

/**
 * @typedef {{ id: number, name: string | null, confidence: number }} Speaker
 *
 * @typedef {object} Word
 * @property {string} text "" if the word is hidden
 * @property {string} spoken as it was said
 * @property {number | null} start seconds; null in partials that are not aligned yet
 * @property {number | null} end
 * @property {number} confidence
 * @property {Speaker | null} speaker
 * @property {boolean} overlap whether somebody else spoke at the same time
 *
 * @typedef {object} Utterance
 * @property {string} utteranceId
 * @property {number} track
 * @property {Speaker | null} speaker who said most of it
 * @property {number} start seconds
 * @property {number} end
 * @property {string} text all of it
 * @property {string} stable what will not change
 * @property {string} tentative what may; "" in a final
 * @property {boolean} final
 * @property {string | null} language
 * @property {Word[]} words the stable ones first
 * @property {number} stableWords how many of them are stable
 *
 * @typedef {object} Turn what one speaker says until somebody else does
 * @property {Speaker | null} speaker
 * @property {number} track
 * @property {number} start
 * @property {number} end
 * @property {string} text
 * @property {string} tentative
 * @property {string[]} utteranceIds
 * @property {boolean} final
 *
 * @typedef {object} SessionPart
 * @property {string | null} sessionId
 * @property {number} originSeconds where its time begins
 * @property {number} firstSpeaker its speaker 1 is this id plus 1
 * @property {string[]} tracks
 */

export class Transcript {
  /** @type {Map<string, Utterance>} */
  #utterances = new Map();
  /** @type {Utterance[] | null} in the order of time; null: to be sorted anew */
  #sorted = [];
  /** @type {SessionPart[]} */
  #parts = [];
  #originSamples = 0;
  /** @type {Map<number, number>} */
  #merged = new Map();
  /** @type {Map<number, string | null>} */
  #names = new Map();
  #mostSpeaker = 0;

  /** The sessions that it is made of: one, unless one was lost. @returns {readonly SessionPart[]} */
  get parts() {
    return this.#parts;
  }

  /** What was said, in the order of time; an utterance that changes becomes another object. @returns {readonly Utterance[]} */
  get utterances() {
    this.#sorted ??= [...this.#utterances.values()].sort((one, other) => one.start - other.start || one.track - other.track);
    return this.#sorted;
  }

  /** The ids of all speakers heard. @returns {number[]} */
  get speakers() {
    const heard = new Set(this.utterances.flatMap(({ speaker, words }) => [speaker, ...words.map((word) => word.speaker)]));
    return [...new Set([...heard].flatMap((speaker) => (speaker ? [speaker.id] : [])))].sort((one, other) => one - other);
  }

  /** The names of the tracks. @returns {string[]} */
  get tracks() {
    return this.#parts.at(-1)?.tracks ?? [];
  }

  /**
   * Let the next session's time begin at a sample of the first one's clock.
   *
   * @param {number} samples
   */
  shift(samples) {
    this.#originSamples = samples;
  }

  /**
   * Take a message in.
   *
   * @param {wire.ServerMessage} message
   * @returns {string | null | undefined} the id of the utterance that is new or different, null if more than one may be,
   *   undefined if nothing is
   */
  apply(message) {
    switch (message.type) {
      case "ready":
        return this.#begin(message);
      case "resumed":
        return message.recognised_again ? this.#voidTentative() : undefined;
      case "partial":
        return this.#partial(message);
      case "final":
        return this.#final(message);
      case "nothing_said":
        return this.#drop(this.#id(message.utterance_id));
      case "revision":
        return this.#revise(message);
      case "closed":
        return this.#voidTentative();
    }
    return undefined;
  }

  /**
   * What to call a speaker.
   *
   * @param {number | Speaker | null} speaker
   * @param {object} [options]
   * @param {string} [options.fallback] stands before the number of somebody without a name
   * @returns {string} "" for nobody
   */
  speakerName(speaker, { fallback = "Speaker" } = {}) {
    if (speaker === null) return "";
    const id = typeof speaker === "number" ? speaker : speaker.id;
    return this.#names.get(id) || `${fallback} ${id}`;
  }

  /**
   * Which session a speaker belongs to, and their id there, for requests to the server.
   *
   * @param {number} id
   * @returns {{ sessionId: string | null, id: number }}
   */
  origin(id) {
    const part = this.#parts.findLast((each) => each.firstSpeaker < id);
    return { sessionId: part?.sessionId ?? null, id: id - (part?.firstSpeaker ?? 0) };
  }

  /**
   * What was said, one entry for each time that somebody has the floor. Nobody is joined to nobody.
   *
   * @param {readonly Utterance[]} [utterances] all, unless given
   * @returns {Turn[]}
   */
  turns(utterances = this.utterances) {
    /** @type {Turn[]} */
    const turns = [];
    for (const utterance of utterances) {
      for (const turn of turnsOf(utterance)) {
        const before = turns.at(-1);
        if (before && before.speaker && before.speaker.id === turn.speaker?.id && !before.tentative) extend(before, turn);
        else turns.push(turn);
      }
    }
    return turns;
  }

  /** Lines of "Name: text". */
  toText() {
    return toText(this);
  }

  /** @param {{ title?: string, facts?: string[] }} [head] */
  toMarkdown(head) {
    return toMarkdown(this, head);
  }

  /** SubRip. */
  toSrt() {
    return toSrt(this);
  }

  /** WebVTT. */
  toVtt() {
    return toVtt(this);
  }

  /** What `JSON.stringify` writes. */
  toJSON() {
    const speakers = this.speakers.map((id) => ({ id, name: this.#names.get(id) ?? null }));
    return { sessions: this.#parts, tracks: this.tracks, speakers, utterances: this.utterances };
  }

  /** @param {wire.ReadyMessage} message */
  #begin({ session_id: sessionId, sample_rate: rate, tracks }) {
    const last = this.#parts.at(-1);
    if (last?.sessionId === sessionId) return undefined;
    const changed = this.#voidTentative();
    this.#merged.clear();
    this.#parts.push({ sessionId, originSeconds: this.#originSamples / rate, firstSpeaker: this.#mostSpeaker, tracks });
    return changed;
  }

  /** @param {wire.PartialMessage} message */
  #partial(message) {
    const words = [...message.stable, ...message.tentative].map((word) => this.#word(word));
    const { stable_text: stable, tentative_text: tentative } = message;
    return this.#put({ ...this.#frame(message, words), text: join([stable, tentative]), stable, tentative, final: false, stableWords: message.stable.length });
  }

  /** @param {wire.FinalMessage} message */
  #final(message) {
    const words = message.words.map((word) => this.#word(word));
    const text = message.text;
    return this.#put({ ...this.#frame(message, words), text, stable: text, tentative: "", final: true, stableWords: words.length });
  }

  /**
   * @param {wire.PartialMessage | wire.FinalMessage} message
   * @param {Word[]} words
   */
  #frame(message, words) {
    return {
      utteranceId: this.#id(message.utterance_id),
      track: message.track,
      speaker: this.#speaker(message.speaker),
      start: this.#seconds(message.start_seconds),
      end: this.#seconds(message.end_seconds),
      language: message.language ?? null,
      words,
    };
  }

  /** @param {wire.WireWord} word @returns {Word} */
  #word({ text, spoken = text, start_seconds: start, end_seconds: end, confidence, speaker, overlap = false }) {
    return {
      text,
      spoken,
      start: start === undefined ? null : this.#seconds(start),
      end: end === undefined ? null : this.#seconds(end),
      confidence,
      speaker: this.#speaker(speaker),
      overlap,
    };
  }

  /** @param {wire.WireSpeaker | null | undefined} speaker @returns {Speaker | null} */
  #speaker(speaker) {
    if (!speaker) return null;
    const id = this.#current(this.#speakerId(speaker.id));
    if (speaker.name && !this.#names.has(id)) this.#names.set(id, speaker.name);
    return { id, name: this.#names.get(id) ?? null, confidence: speaker.confidence };
  }

  /** @param {number} id as the wire has it */
  #speakerId(id) {
    const ours = (this.#parts.at(-1)?.firstSpeaker ?? 0) + id;
    this.#mostSpeaker = Math.max(this.#mostSpeaker, ours);
    return ours;
  }

  /** @param {number} id */
  #current(id) {
    let now = id;
    for (let next = this.#merged.get(now); next !== undefined; next = this.#merged.get(now)) now = next;
    return now;
  }

  /** @param {string} utteranceId as the wire has it */
  #id(utteranceId) {
    return this.#parts.length > 1 ? `${this.#parts.length}/${utteranceId}` : utteranceId;
  }

  /** @param {number} seconds of the session */
  #seconds(seconds) {
    return Math.round((seconds + (this.#parts.at(-1)?.originSeconds ?? 0)) * 1000) / 1000;
  }

  /** @param {Utterance} utterance */
  #put(utterance) {
    const { utteranceId } = utterance;
    if (this.#utterances.get(utteranceId)?.final && !utterance.final) return undefined;
    this.#utterances.set(utteranceId, utterance);
    this.#sorted = null;
    return utteranceId;
  }

  /** @param {string} utteranceId */
  #drop(utteranceId) {
    if (!this.#utterances.delete(utteranceId)) return undefined;
    this.#sorted = null;
    return utteranceId;
  }

  /** Forget what was shown and will be recognised anew, or never. */
  #voidTentative() {
    let changed;
    for (const { utteranceId, final } of this.#utterances.values()) if (!final && this.#drop(utteranceId)) changed = null;
    return changed;
  }

  /** @param {wire.RevisionMessage} message */
  #revise({ merged, changes, names }) {
    for (const { old, new: by } of merged) {
      const [from, to] = [this.#current(this.#speakerId(old)), this.#current(this.#speakerId(by))];
      if (from !== to) this.#merged.set(from, to);
    }
    for (const { utterance_id: id, first, stop, speaker } of changes) this.#change(this.#id(id), first, stop, speaker);
    for (const { id, name } of names) this.#names.set(this.#speakerId(id), name);
    for (const utterance of this.#utterances.values()) {
      const words = utterance.words.map((word) => ({ ...word, speaker: this.#renewed(word.speaker) }));
      const speaker = (utterance.final && mainSpeaker(words)) || this.#renewed(utterance.speaker);
      this.#put({ ...utterance, words, speaker });
    }
    return null;
  }

  /**
   * @param {string} utteranceId
   * @param {number} first
   * @param {number} stop
   * @param {number | null} speaker
   */
  #change(utteranceId, first, stop, speaker) {
    const utterance = this.#utterances.get(utteranceId);
    if (!utterance) return;
    const words = utterance.words.map((word) => ({ ...word }));
    for (const word of words.slice(first, stop)) {
      word.speaker = speaker === null ? null : { id: this.#speakerId(speaker), name: null, confidence: word.speaker?.confidence ?? 1 };
    }
    this.#put({ ...utterance, words, speaker: mainSpeaker(words) });
  }

  /** @param {Speaker | null} speaker */
  #renewed(speaker) {
    if (!speaker) return null;
    const id = this.#current(speaker.id);
    return { ...speaker, id, name: this.#names.get(id) ?? null };
  }
}

/**
 * Who said most of the words that are shown, or of all if none is, as the server counts; null if nobody is known.
 *
 * @param {Word[]} words
 * @returns {Speaker | null}
 */
function mainSpeaker(words) {
  /** @type {Map<number, Speaker[]>} */
  const votes = new Map();
  const shown = words.filter(({ text }) => text);
  for (const { speaker } of shown.length ? shown : words) if (speaker) votes.set(speaker.id, [...(votes.get(speaker.id) ?? []), speaker]);
  const most = [...votes.values()].reduce((best, each) => (each.length > best.length ? each : best), /** @type {Speaker[]} */ ([]));
  const [first] = most;
  return first ? { ...first, confidence: most.reduce((sum, each) => sum + each.confidence, 0) / most.length } : null;
}

/**
 * @param {Utterance} utterance
 * @returns {Turn[]}
 */
function turnsOf({ utteranceId, track, speaker, start, end, stable, tentative, final, words, stableWords }) {
  const whole = { speaker, track, start, end, text: stable, tentative, utteranceIds: [utteranceId], final };
  const runs = runsOf(speakersOf(words, speaker));
  if (runs.length < 2) return stable || tentative ? [{ ...whole, speaker: runs[0]?.speaker ?? speaker }] : [];
  return runs.map(({ speaker: by, first, stop }) => ({
    ...whole,
    speaker: by,
    start: words[first]?.start ?? start,
    end: words[stop - 1]?.end ?? end,
    text: join(words.slice(first, Math.min(stop, Math.max(first, stableWords))).map((word) => word.text)),
    tentative: join(words.slice(Math.max(first, stableWords), Math.max(stop, stableWords)).map((word) => word.text)),
    utteranceIds: [utteranceId],
  }));
}

/**
 * Who said each word: one of whom nothing is known goes with the word before it, the first with the next; so does one of
 * which nothing is shown.
 *
 * @param {Word[]} words
 * @param {Speaker | null} whole who said most of the utterance
 * @returns {(Speaker | null)[]}
 */
export function speakersOf(words, whole) {
  let known = words.find(({ text, speaker }) => text && speaker)?.speaker ?? whole;
  return words.map(({ text, speaker }) => (known = (text ? speaker : null) ?? known));
}

/** @param {(Speaker | null)[]} speakers */
function runsOf(speakers) {
  /** @type {{ speaker: Speaker | null, first: number, stop: number }[]} */
  const runs = [];
  speakers.forEach((speaker, index) => {
    const last = runs.at(-1);
    if (last && last.speaker?.id === speaker?.id) last.stop = index + 1;
    else runs.push({ speaker, first: index, stop: index + 1 });
  });
  return runs;
}

/**
 * @param {Turn} turn
 * @param {Turn} more
 */
function extend(turn, more) {
  turn.text = join([turn.text, more.text]);
  turn.tentative = more.tentative;
  turn.end = Math.max(turn.end, more.end);
  turn.final &&= more.final;
  if (turn.utteranceIds.at(-1) !== more.utteranceIds[0]) turn.utteranceIds.push(...more.utteranceIds);
}
