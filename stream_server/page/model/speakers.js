/** How a speaker is marked: a colour of the palette, and always a number or initials beside it. */

/** Colours in styles/tokens.css, `--speaker-1` to `--speaker-8`; a ninth speaker shares the first one's. */
export const PALETTE = 8;

/** Return which colour a speaker has, from 1; 0 where nobody knows who speaks. */
export function colourOf(speakerId) {
  return speakerId === null || speakerId === undefined ? 0 : ((speakerId - 1) % PALETTE) + 1;
}

/** Return what stands in the mark: the initials of a name, else the number, else a dot. */
export function markOf(speakerId, name) {
  if (speakerId === null || speakerId === undefined) return "·";
  const words = (name ?? "").trim().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return String(speakerId);
  const letters = (words.length === 1 ? words : [words[0], words.at(-1)]).map((word) => [...word][0]);
  return letters.join("").toLocaleUpperCase();
}

/**
 * Return a change of speakers as the message that the server sends of it, in the ids of a transcript's last session.
 *
 * @param {{name: string | null, into: number | null}} change
 * @param {number} speaker
 * @param {number} firstSpeaker after which that session's ids begin
 */
export function revisionOf({ name, into }, speaker, firstSpeaker = 0) {
  const merged = into === null ? [] : [{ old: speaker - firstSpeaker, new: into - firstSpeaker }];
  const names = into === null ? [{ id: speaker - firstSpeaker, name }] : [];
  return { type: "revision", merged, changes: [], names };
}
