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
  constructor(code, message, { retryable = false, retryAfterSeconds, closeCode, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    /** @readonly */
    this.code = code;
    /** @readonly */
    this.retryable = retryable;
    /** @readonly @type {number | undefined} */
    this.retryAfterSeconds = retryAfterSeconds;
    /** @readonly @type {number | undefined} */
    this.closeCode = closeCode;
  }
}

/** The key or token is missing, unknown, expired or not allowed to do this. */
export class AuthenticationError extends StreamError {}

/** A quota is used up, or a limit of sessions or of their rate is reached. */
export class QuotaError extends StreamError {}

/** The server is full, stopping or without its stores. */
export class ServerBusyError extends StreamError {}

/** An option or a message is not one that the server takes. */
export class ConfigurationError extends StreamError {}

/** The network or the server went away. */
export class ConnectionLost extends StreamError {}

/** The session cannot be resumed: it is unknown, expired, over, or was resumed by somebody else. */
export class SessionLost extends StreamError {}

/** More sound waits than may be kept; nothing was taken of what was sent. */
export class BufferFull extends StreamError {}

/**
 * Sound cannot be captured; `code` is `insecure_context`, `permission_denied`, `no_device`, `device_busy`,
 * `unsupported`, `no_audio` or `capture_failed`.
 */
export class CaptureError extends StreamError {}

/** @type {ReadonlyArray<[typeof StreamError, string[]]>} */
const CLASSES = [
  [AuthenticationError, ["invalid_key", "forbidden"]],
  [QuotaError, ["quota_exceeded", "rate_limited", "too_many_sessions", "too_many_jobs"]],
  [ServerBusyError, ["server_full", "server_stopping", "store_unavailable", "storage_full"]],
  [ConfigurationError, ["invalid_configuration", "unknown_model", "unexpected_message", "unsupported_audio", "message_too_large"]],
  [SessionLost, ["session_unknown", "resumed_elsewhere", "session_too_long", "idle_timeout"]],
  [ConnectionLost, ["connection_lost"]],
];

/** What a close code means where no `error` message came before it and the reason names no code. */
const CLOSE_CODES = new Map([
  [1003, "unexpected_message"], [1008, "slow_client"], [1009, "message_too_large"], [1011, "internal_error"],
  [1012, "server_stopping"], [1013, "server_full"], [4000, "invalid_key"], [4001, "invalid_configuration"],
  [4002, "unknown_model"], [4003, "forbidden"], [4005, "quota_exceeded"], [4008, "idle_timeout"],
  [4009, "session_too_long"], [4013, "backlog_exceeded"], [4015, "unsupported_audio"], [4029, "rate_limited"],
]);

const RETRYABLE = new Set([
  "slow_client", "internal_error", "server_stopping", "server_full", "idle_timeout", "session_too_long",
  "backlog_exceeded", "rate_limited", "too_many_sessions", "store_unavailable", "storage_full", "connection_lost",
]);

/**
 * Return the error of a code, as an instance of its class.
 *
 * @param {string} code
 * @param {string} message
 * @param {ErrorDetails} [details]
 * @returns {StreamError}
 */
export function errorOf(code, message, details = {}) {
  const [Class] = CLASSES.find(([, codes]) => codes.includes(code)) ?? [StreamError];
  return new Class(code, message, { retryable: RETRYABLE.has(code), ...details });
}

/**
 * Return the error that an `error` message tells of.
 *
 * @param {import("./protocol.js").ErrorMessage} message
 * @returns {StreamError}
 */
export function errorOfMessage({ code, message, retryable, retry_after_seconds: retryAfterSeconds }) {
  return errorOf(code, message, { retryable, retryAfterSeconds });
}

/**
 * Return the error that a websocket's close tells of; the server's reason reads `code: message; retry after N s`.
 *
 * @param {number} closeCode
 * @param {string} reason
 * @returns {StreamError}
 */
export function errorOfClose(closeCode, reason) {
  const [, code = CLOSE_CODES.get(closeCode) ?? "connection_lost", told] = /^(?:([a-z_]+): )?(.*)$/s.exec(reason) ?? [];
  const [, seconds] = /; retry after ([\d.]+) s/.exec(reason) ?? [];
  const message = told || (code === "connection_lost" ? "the connection was lost" : code.replaceAll("_", " "));
  return errorOf(code, message, { closeCode, retryAfterSeconds: seconds === undefined ? undefined : Number(seconds) });
}
