/**
 * Join texts with spaces, except where both neighbours belong to a script without any, as the server does.
 *
 * @param {Iterable<string>} texts
 * @returns {string}
 */
export function join(texts: Iterable<string>): string;
