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
export function backoffMs(attempt: number, { firstMs, mostMs, retryAfterSeconds, random }?: {
    firstMs?: number | undefined;
    mostMs?: number | undefined;
    retryAfterSeconds?: number | undefined;
    random?: (() => number) | undefined;
}): number;
