/**
 * How good it is to break text between two words, for lines and for cues of subtitles: the server's rules
 * (stream_server/text/breaks.py), which say where they come from.
 */

/** Less is better. */
export const Break = { SENTENCE: 0, CLAUSE: 1, PHRASE: 2, ANYWHERE: 3, CLINGING: 4 };

const SENTENCE_ENDS = ".?!…。？！؟।";
const CLAUSE_ENDS = ",;:—–、，；：،؛";
const CLOSING = "\"'”’»)]}」』";

/** @param {string} words */
const set = (words) => new Set(words.split(" "));

const TITLES = set("mr. mrs. ms. dr. prof. st. bpk. ir. drs. no.");

const LEADING = set(
  "and but or nor so yet because although though if unless when while where which who whose that as than until since " +
    "before after at by for from in into of on over through to under with without about between " +
    "dan tapi tetapi atau karena sehingga jika kalau ketika saat yang bahwa di ke dari untuk pada dengan tanpa tentang " +
    "oleh agar supaya sebelum sesudah",
);

const CLINGING = set(
  "a an the my your his her its our their this these those some any no every each i you he she we they very not is are " +
    "was were be been have has had will would can could should must do does did " +
    "para sebuah seorang si sang tidak bukan belum akan sudah telah sedang sangat saya kami kita mereka",
);

/**
 * @param {string} before
 * @param {string} after
 * @returns {number} of `Break`
 */
export function judge(before, after) {
  const bare = strip(before, CLOSING, false);
  const word = bare.toLowerCase();
  const last = bare.slice(-1);
  if (TITLES.has(word)) return Break.CLINGING;
  if (last && SENTENCE_ENDS.includes(last)) return Break.SENTENCE;
  if (last && CLAUSE_ENDS.includes(last)) return Break.CLAUSE;
  if (CLINGING.has(word) || LEADING.has(word)) return Break.CLINGING;
  return LEADING.has(strip(after.toLowerCase(), CLAUSE_ENDS, true)) ? Break.PHRASE : Break.ANYWHERE;
}

/**
 * @param {string} text
 * @param {string} characters
 * @param {boolean} both whether at the beginning, too
 */
function strip(text, characters, both) {
  let [first, stop] = [0, text.length];
  while (stop > first && characters.includes(text.charAt(stop - 1))) stop--;
  while (both && first < stop && characters.includes(text.charAt(first))) first++;
  return text.slice(first, stop);
}
