/**
 * What was said as the cues of subtitles, by the server's rules (stream_server/text/{cues,lines,cue_times}.py), which
 * say where the numbers come from. Times are milliseconds. Pure.
 */

import { Break, judge } from "./breaks.js";
import { join } from "./join.js";

/** @import { SaidWord } from "./exports.js" */

/** @typedef {{ speaker: string, words: string[], start: number, end: number }} Cue */

const LINE_CHARACTERS = 42;
const SHORTEST_MS = 834; // 5/6 s
const LONGEST_MS = 7_000;
const PAUSE_MS = 2_000;
const BREATH_MS = 500;
const GAP_MS = 84; // two of film's frames
const MS_PER_CHARACTER = 50;

const PRICE_OF_A_CUE = 10;
const PRICE_OF_A_BREAK = [0, 6, 12, 20, 40];
const PRICE_OF_A_FLASH = 30;
const PRICE_OF_A_LONE_WORD = 1_000_000;
const WORST_BREAK = [0, 10, 20, 45, 90];
const LONE_WORD = 60;

/**
 * Return cues that are divided well and stand as long as they are read.
 *
 * @param {SaidWord[][]} utterances
 * @returns {Cue[]}
 */
export function cues(utterances) {
  const divided = runsOf(utterances).flatMap(divide).map((words) => ({
    speaker: /** @type {SaidWord} */ (words[0]).speaker,
    words: words.map((word) => word.text),
    start: /** @type {SaidWord} */ (words[0]).start,
    end: Math.max(...words.map((word) => word.end)),
  }));
  divided.sort((one, other) => one.start - other.start || one.end - other.end);
  return divided.map((cue, index) => ({ ...cue, end: Math.max(cue.start + 1, endOf(cue, divided, index)) }));
}

/**
 * Return a speaker's name in one line of which it leaves room.
 *
 * @param {string} speaker
 */
export function called(speaker) {
  const name = plain(speaker.split(/\s+/u).filter(Boolean).join(" "));
  return name.length < LINE_CHARACTERS ? name : `${name.slice(0, LINE_CHARACTERS - 2)}…`;
}

/**
 * Return what stands before the words of somebody; "" for nobody.
 *
 * @param {string} speaker
 */
export function label(speaker) {
  return speaker ? `${called(speaker)}:` : "";
}

/**
 * Return one line if the words fit in it, else the best two; as many as they need if they fit into no two.
 *
 * @param {string[]} texts
 * @returns {string[]}
 */
export function lines(texts) {
  const words = texts.filter(Boolean);
  const whole = join(words);
  if (whole.length <= LINE_CHARACTERS) return [whole];
  /** @type {{ pair: [string, string], cost: number } | null} */
  let best = null;
  for (let place = 1; place < words.length; place++) {
    const [upper, lower] = [join(words.slice(0, place)), join(words.slice(place))];
    if (Math.max(upper.length, lower.length) > LINE_CHARACTERS) continue;
    const imbalance = upper.length > lower.length ? 2 * (upper.length - lower.length) : lower.length - upper.length;
    const lone = place === 1 || place === words.length - 1 ? LONE_WORD : 0;
    const cost = at(WORST_BREAK, judge(at(words, place - 1), at(words, place))) + imbalance + lone;
    if (!best || cost < best.cost) best = { pair: [upper, lower], cost };
  }
  return best ? best.pair : filled(words);
}

/** @param {string[]} words */
function filled(words) {
  /** @type {string[]} */
  const full = [];
  for (const word of words) {
    const longer = join([full.at(-1) ?? "", word]);
    if (full.length && longer.length <= LINE_CHARACTERS) full[full.length - 1] = longer;
    else full.push(word);
  }
  return full;
}

/**
 * Return what one speaker says without a pause; where nobody is named, an utterance never goes on in the next.
 *
 * @param {SaidWord[][]} utterances
 */
function runsOf(utterances) {
  /** @type {SaidWord[][]} */
  const runs = [];
  for (const utterance of utterances) {
    let first = true;
    for (const word of utterance.flatMap(pieces)) {
      const run = runs.at(-1);
      const last = run?.at(-1);
      const goesOn = last && last.speaker === word.speaker && (word.speaker || !first) && word.start - last.end < PAUSE_MS;
      if (run && goesOn) run.push(word);
      else runs.push([word]);
      first = false;
    }
  }
  return runs;
}

/**
 * Return a word in pieces that a line can hold; they share its time by their letters.
 *
 * @param {SaidWord} word
 */
function pieces(word) {
  const texts = plain(word.text).split(/\s+/u).filter(Boolean).flatMap((text) => text.match(/.{1,42}/gsu) ?? []);
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  let place = 0;
  /** @param {number} letters */
  const moment = (letters) => word.start + Math.floor(((word.end - word.start) * letters) / total);
  return texts.map((text) => ({ ...word, text, start: moment(place), end: moment((place += text.length)) }));
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll("-->", "→");
}

/**
 * Return the cheapest division of a run into cues that fit: the best one up to each word builds on earlier ones.
 *
 * @param {SaidWord[]} run
 * @returns {SaidWord[][]}
 */
function divide(run) {
  const labelled = label(at(run, 0).speaker);
  const room = LINE_CHARACTERS - (labelled ? labelled.length + 1 : 0);
  const starts = /** @type {number[]} */ ([]);
  const ends = /** @type {number[]} */ ([]);
  run.forEach(({ text }, index) => {
    const space = index ? join([at(run, index - 1).text.slice(-1), text]).length - 1 - text.length : 0;
    starts.push((ends[index - 1] ?? 0) + space);
    ends.push(at(starts, index) + text.length);
  });
  /** @type {(first: number, behind: number) => boolean} */
  const fits = (first, behind) => {
    let second = first;
    while (second < behind && at(ends, second) <= at(starts, first) + room) second++;
    return second === behind || at(ends, behind - 1) - at(starts, second) <= LINE_CHARACTERS;
  };
  const [best, cuts] = [[0], [0]];
  for (let behind = 1; behind <= run.length; behind++) {
    const until = run[behind]?.start ?? Infinity;
    let [cost, cut] = [Infinity, behind - 1];
    for (let first = behind - 1; first >= 0; first--) {
      const begin = at(run, first).start;
      if (first < behind - 1 && (!fits(first, behind) || at(run, behind - 1).end - begin > LONGEST_MS)) break;
      const flash = until - begin < SHORTEST_MS - 1 ? PRICE_OF_A_FLASH : 0;
      const lone = behind - first === 1 ? PRICE_OF_A_LONE_WORD : 0;
      const price = at(best, first) + PRICE_OF_A_CUE + flash + lone;
      if (price <= cost) [cost, cut] = [price, first];
    }
    best.push(cost + (behind < run.length ? priceOfBreak(at(run, behind - 1), at(run, behind)) : 0));
    cuts.push(cut);
  }
  const found = [];
  for (let behind = run.length; behind; behind = at(cuts, behind)) found.unshift(run.slice(at(cuts, behind), behind));
  return found;
}

/**
 * @param {SaidWord} before
 * @param {SaidWord} after
 */
function priceOfBreak(before, after) {
  const place = judge(before.text, after.text);
  return at(PRICE_OF_A_BREAK, after.start - before.end >= BREATH_MS ? Math.min(place, Break.CLAUSE) : place);
}

/**
 * Return until when a cue stands: as long as it is read, into silence alone, and not into the next.
 *
 * @param {Cue} cue
 * @param {Cue[]} all
 * @param {number} index
 */
function endOf(cue, all, index) {
  const characters = join(cue.words).length + (cue.speaker ? label(cue.speaker).length + 1 : 0);
  const reading = Math.max(SHORTEST_MS, characters * MS_PER_CHARACTER);
  const wanted = Math.min(Math.max(cue.end, cue.start + reading), cue.start + LONGEST_MS);
  for (const later of all.slice(index + 1)) {
    if (later.start - GAP_MS >= wanted) break;
    if (later.speaker === cue.speaker || later.start + GAP_MS >= cue.end) return later.start - GAP_MS;
    if (later.end > cue.end) return Math.min(cue.end, wanted);
  }
  return wanted;
}

/**
 * @template Value
 * @param {readonly Value[]} list
 * @param {number} index that is in it
 */
function at(list, index) {
  return /** @type {Value} */ (list[index]);
}
