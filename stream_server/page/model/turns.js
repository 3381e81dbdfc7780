/**
 * Lay utterances out as turns to read: who speaks, since when, and pieces of text that keep their keys.
 *
 * A turn ends where another speaks, where it has been quiet for long, and, once it is long, behind an utterance. A piece
 * is what one speaker says in one utterance; its key stays the same while its text grows, so that a screen changes only
 * what has changed.
 */

/** What each utterance was divided into: one that changes is another object, as the package and a record have them. */
const divided = new WeakMap();

/** A pause of so many seconds begins a new paragraph of the same speaker. */
export const PAUSE_SECONDS = 8;

/** A paragraph that is so many seconds long ends with its utterance: about as much as a screen of a phone holds. */
export const LONG_SECONDS = 45;

/**
 * @typedef {{id: number, name?: string | null}} Speaker
 * @typedef {{text: string, start: number | null, end: number | null, speaker: Speaker | null}} Word
 * @typedef {{utteranceId: string, speaker: Speaker | null, start: number, end: number, text: string, stable?: string,
 *   final: boolean, words: Word[]}} Utterance as the package has it; `stable` is how `text` begins and will not change
 * @typedef {{key: string, utteranceId: string, text: string, tentative: string, final: boolean, words: Word[]}} Piece
 * @typedef {{key: string, speaker: number | null, name: string | null, start: number, end: number, final: boolean,
 *   pieces: Piece[]}} Turn
 */

/**
 * @param {Iterable<Utterance>} utterances in order of time
 * @returns {Turn[]}
 */
export function layTurns(utterances) {
  const turns = [];
  for (const utterance of utterances) {
    for (const run of runsOf(utterance)) {
      const last = turns.at(-1);
      if (last && goesOn(last, run)) {
        last.pieces.push(run.piece);
        last.end = Math.max(last.end, run.end);
        last.final &&= run.piece.final;
      } else {
        turns.push({
          key: run.key,
          speaker: run.speaker?.id ?? null,
          name: run.speaker?.name ?? null,
          start: run.start,
          end: run.end,
          final: run.piece.final,
          pieces: [run.piece],
        });
      }
    }
  }
  return turns;
}

/**
 * Return what was said in one utterance, by whom: one entry for each time that somebody has the floor.
 *
 * @param {Utterance} utterance
 * @returns {{speaker: number | null, name: string | null, text: string}[]}
 */
export function saidIn(utterance) {
  return layTurns([utterance]).map(({ speaker, name, pieces: [{ text }] }) => ({ speaker, name, text }));
}

function goesOn(turn, run) {
  return (
    turn.speaker === (run.speaker?.id ?? null) &&
    run.start - turn.end < PAUSE_SECONDS &&
    (turn.end - turn.start < LONG_SECONDS || turn.pieces.at(-1).utteranceId === run.piece.utteranceId)
  );
}

/** Return the same runs, and so the same pieces, for an utterance that is the same: a meeting has thousands. */
function runsOf(utterance) {
  if (!divided.has(utterance)) divided.set(utterance, divide(utterance));
  return divided.get(utterance);
}

/** Split an utterance where its words' speakers change; words of nobody known belong to whoever says most. */
function divide(utterance) {
  const { text } = utterance;
  if (!text) return [];
  const words = (utterance.words ?? []).filter((word) => word.text);
  const speakers = words.map((word) => word.speaker ?? utterance.speaker);
  const runs = [];
  for (let first = 0, from = 0; first < words.length || runs.length === 0; ) {
    let stop = first + 1;
    while (stop < words.length && speakers[stop]?.id === speakers[first]?.id) stop += 1;
    const said = words.slice(first, stop);
    const until = stop < words.length ? textUpTo(text, from, said) : text.length;
    runs.push(runOf(utterance, { index: runs.length, speaker: speakers[first] ?? utterance.speaker, said, from, until }));
    [first, from] = [stop, until];
  }
  return runs;
}

/** Return where in the text these words end: languages without spaces keep theirs. */
function textUpTo(text, from, words) {
  let at = from;
  for (const word of words) {
    const found = text.indexOf(word.text, at);
    at = found < 0 ? at + word.text.length : found + word.text.length;
  }
  return Math.min(at, text.length);
}

function runOf({ utteranceId, start, end, text, stable, final }, { index, speaker, said, from, until }) {
  const settled = final ? text.length : (stable ?? "").length;
  const key = `${utteranceId}/${index}`;
  const piece = {
    key,
    utteranceId,
    text: text.slice(from, Math.min(until, settled)).trim(),
    tentative: text.slice(Math.max(from, settled), until).trim(),
    final,
    words: said,
  };
  return { key, speaker, start: said[0]?.start ?? start, end: said.at(-1)?.end ?? end, piece };
}
