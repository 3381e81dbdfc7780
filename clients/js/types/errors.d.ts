/**
 * Return the error of a code, as an instance of its class.
 *
 * @param {string} code
 * @param {string} message
 * @param {ErrorDetails} [details]
 * @returns {StreamError}
 */
export function errorOf(code: string, message: string, details?: ErrorDetails): StreamError;
/**
 * Return the error that an `error` message tells of.
 *
 * @param {import("./protocol.js").ErrorMessage} message
 * @returns {StreamError}
 */
export function errorOfMessage({ code, message, retryable, retry_after_seconds: retryAfterSeconds }: import("./protocol.js").ErrorMessage): StreamError;
/**
 * Return the error that a websocket's close tells of; the server's reason reads `code: message; retry after N s`.
 *
 * @param {number} closeCode
 * @param {string} reason
 * @returns {StreamError}
 */
export function errorOfClose(closeCode: number, reason: string): StreamError;
/**
 * What can go wrong, as classes with codes. The codes are those of the server's docs/errors.md, and a few of our own:
 * `connection_lost`, `buffer_full`, `aborted` and those of `CaptureError`.
 */
/**
 * @typedef {object} ErrorDetails
 * @property {boolean} [retryable] whether the same may work later
 * @property {number | undefined} [retryAfterSeconds] how long the server asks to wait
 * @property {number | undefined} [closeCode] with which the websocket was closed
 * @property {unknown} [cause] what it comes from
 */
/** A session could not be held; `code` says why. */
export class StreamError extends Error {
    /**
     * @param {string} code
     * @param {string} message a sentence for a person; never holds keys or spoken words
     * @param {ErrorDetails} [details]
     */
    constructor(code: string, message: string, { retryable, retryAfterSeconds, closeCode, cause }?: ErrorDetails);
    /** @readonly */
    readonly code: string;
    /** @readonly */
    readonly retryable: boolean;
    /** @readonly @type {number | undefined} */
    readonly retryAfterSeconds: number | undefined;
    /** @readonly @type {number | undefined} */
    readonly closeCode: number | undefined;
}
/** The key or token is missing, unknown, expired or not allowed to do this. */
export class AuthenticationError extends StreamError {
}
/** A quota is used up, or a limit of sessions or of their rate is reached. */
export class QuotaError extends StreamError {
}
/** The server is full, stopping or without its stores. */
export class ServerBusyError extends StreamError {
}
/** An option or a message is not one that the server takes. */
export class ConfigurationError extends StreamError {
}
/** The network or the server went away. */
export class ConnectionLost extends StreamError {
}
/** The session cannot be resumed: it is unknown, expired, over, or was resumed by somebody else. */
export class SessionLost extends StreamError {
}
/** More sound waits than may be kept; nothing was taken of what was sent. */
export class BufferFull extends StreamError {
}
/**
 * Sound cannot be captured; `code` is `insecure_context`, `permission_denied`, `no_device`, `device_busy`,
 * `unsupported`, `no_audio` or `capture_failed`.
 */
export class CaptureError extends StreamError {
}
export type ErrorDetails = {
    /**
     * whether the same may work later
     */
    retryable?: boolean;
    /**
     * how long the server asks to wait
     */
    retryAfterSeconds?: number | undefined;
    /**
     * with which the websocket was closed
     */
    closeCode?: number | undefined;
    /**
     * what it comes from
     */
    cause?: unknown;
};
