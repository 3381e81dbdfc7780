/** A record of `/v1/records/{id}` as what the page draws: utterances, and words that follow a player. */

/** Return a record's segments as the package has utterances; each word that is shown has its `index` in the record. */
export function utterancesOf(record) {
  const names = new Map(record.speakers.map(({ id, name }) => [id, name]));
  const speakerOf = (id) => (id === null ? null : { id, name: names.get(id) ?? null });
  let index = 0;
  const wordOf = ({ text, start_seconds: start, end_seconds: end, speaker }) => ({
    index: index++,
    text,
    start,
    end,
    speaker: speakerOf(speaker),
  });
  return record.segments.map((segment) => ({
    utteranceId: segment.utterance_id,
    speaker: speakerOf(segment.speaker),
    start: segment.start_seconds,
    end: segment.end_seconds,
    text: segment.text,
    final: true,
    words: segment.words.map(wordOf).filter(({ text }) => text),
  }));
}

/** Divide a text into its words and what stands between them: `word` is null for that. */
export function spansOf({ text, words }) {
  const spans = [];
  let at = 0;
  for (const word of words) {
    const found = text.indexOf(word.text, at);
    if (found < 0 || !word.text) continue;
    if (found > at) spans.push({ text: text.slice(at, found), word: null });
    spans.push({ text: word.text, word });
    at = found + word.text.length;
  }
  if (at < text.length) spans.push({ text: text.slice(at), word: null });
  return spans;
}

/** Return the word that is being said at a time, or was said last: words in order of their start; null before all. */
export function wordAt(words, seconds) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low ? words[low - 1] : null;
}

/** Return a record's words in order of their start. */
export function wordsInOrder(utterances) {
  return utterances.flatMap(({ words }) => words).sort((a, b) => a.start - b.start);
}

/** Return who speaks in a record, as `{id, name}`: those with words, and those with a name. */
export function speakersOf(record) {
  const names = new Map(record.speakers.map(({ id, name }) => [id, name]));
  const said = record.segments.flatMap(({ speaker, words }) => [speaker, ...words.map((word) => word.speaker)]);
  const ids = [...new Set([...names.keys(), ...said])].filter((id) => id !== null && id !== undefined);
  return ids.sort((a, b) => a - b).map((id) => ({ id, name: names.get(id) ?? null }));
}
