/** Words to text. */

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef]/u;

/**
 * Join texts with spaces, except where both neighbours belong to a script without any, as the server does.
 *
 * @param {Iterable<string>} texts
 * @returns {string}
 */
export function join(texts) {
  let line = "";
  for (const text of texts) {
    if (!text) continue;
    line += line && isSpaced(line, text) ? ` ${text}` : text;
  }
  return line;
}

/**
 * @param {string} left
 * @param {string} right
 */
function isSpaced(left, right) {
  const before = left.charCodeAt(left.length - 1) >= 0xdc00 && left.charCodeAt(left.length - 1) < 0xe000 ? left.slice(-2) : left.slice(-1);
  return !(UNSPACED.test(before) || UNSPACED.test(String.fromCodePoint(/** @type {number} */ (right.codePointAt(0)))));
}
