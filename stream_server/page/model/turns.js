/**
 * Lay utterances out as turns to read: who speaks, since when, and pieces of text that keep their keys.
 *
 * A turn ends where another speaks, where it has been quiet for long, and, once it is long, behind an utterance. A piece
 * is what one speaker says in one utterance; its key stays the same while its text grows, so that a screen changes only
 * what has changed.
 */

/** A pause of so many seconds begins a new paragraph of the same speaker. */
export const PAUSE_SECONDS = 8;

/** A paragraph that is so many seconds long ends with its utterance: about as much as a screen of a phone holds. */
export const LONG_SECONDS = 45;

/**
 * @typedef {{text: string, start?: number, end?: number, speaker?: {id: number} | number | null}} Word
 * @typedef {{utteranceId: string, track?: number, speaker: {id: number} | number | null, start: number, end: number,
 *   text?: string, stable?: string, tentative?: string, final?: boolean, words?: Word[]}} Utterance
 * @typedef {{key: string, utteranceId: string, text: string, tentative: string, final: boolean, words: Word[]}} Piece
 * @typedef {{key: string, speaker: number | null, start: number, end: number, final: boolean, pieces: Piece[]}} Turn
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
          key: run.piece.key,
          speaker: run.speaker,
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

function goesOn(turn, run) {
  return (
    turn.speaker === run.speaker &&
    run.start - turn.end < PAUSE_SECONDS &&
    (turn.end - turn.start < LONG_SECONDS || turn.pieces.at(-1).utteranceId === run.piece.utteranceId)
  );
}

/** Split an utterance where its words' speakers change; words of nobody known belong to whoever says most. */
function runsOf(utterance) {
  const main = idOf(utterance.speaker);
  const words = utterance.words ?? [];
  const text = utterance.final === false ? (utterance.stable ?? "") : (utterance.text ?? "");
  const speakers = words.map((word) => idOf(word.speaker) ?? main);
  if (utterance.final === false || new Set(speakers).size < 2) {
    const tentative = utterance.final === false ? (utterance.tentative ?? "") : "";
    if (!text && !tentative) return [];
    return [runOf(utterance, 0, speakers[0] ?? main, text, tentative, words)];
  }
  const runs = [];
  for (let first = 0, from = 0; first < words.length; ) {
    let stop = first + 1;
    while (stop < words.length && speakers[stop] === speakers[first]) stop += 1;
    const until = stop < words.length ? textUpTo(text, from, words.slice(first, stop)) : text.length;
    runs.push(runOf(utterance, runs.length, speakers[first], text.slice(from, until).trim(), "", words.slice(first, stop)));
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

function runOf(utterance, index, speaker, text, tentative, words) {
  const key = `${utterance.utteranceId}/${index}`;
  const piece = { key, utteranceId: utterance.utteranceId, text, tentative, final: utterance.final !== false, words };
  return { speaker, start: words[0]?.start ?? utterance.start, end: words.at(-1)?.end ?? utterance.end, piece };
}

function idOf(speaker) {
  return typeof speaker === "object" ? (speaker?.id ?? null) : (speaker ?? null);
}
