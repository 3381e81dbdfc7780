/**
 * How long to wait before trying again: exponential with full jitter, which spreads out those who lost the same server,
 * and never less than the server asks for.
 */

/**
 * @param {number} attempt how often it failed before, from 0
 * @param {object} [limits]
 * @param {number} [limits.firstMs] the most after the first failure
 * @param {number} [limits.mostMs] the most ever
 * @param {number | undefined} [limits.retryAfterSeconds] what the server asks for
 * @param {() => number} [limits.random] from 0 to 1
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, { firstMs = 500, mostMs = 15_000, retryAfterSeconds = 0, random = Math.random } = {}) {
  const ceiling = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(retryAfterSeconds * 1000 + random() * ceiling);
}
