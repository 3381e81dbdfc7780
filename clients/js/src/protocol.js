/**
 * The native wire, version 1, as docs/protocol.md has it: addresses, messages to frames and frames to messages. Pure.
 */

import { packMsgpack, unpackMsgpack } from "./msgpack.js";

/**
 * @typedef {"json" | "msgpack"} Encoding
 * @typedef {{ id: number, name?: string | null, confidence: number }} WireSpeaker
 * @typedef {object} WireWord
 * @property {string} text "" if the word is hidden
 * @property {string} [spoken] as it was said, where it differs from `text`
 * @property {number} [start_sample]
 * @property {number} [start_seconds]
 * @property {number} [end_sample]
 * @property {number} [end_seconds]
 * @property {number} confidence
 * @property {WireSpeaker | null} [speaker]
 * @property {boolean} [overlap]
 *
 * @typedef {object} ReadyMessage
 * @property {"ready"} type
 * @property {string} session_id
 * @property {number} sample_rate
 * @property {string[]} tracks
 * @property {string} [engine]
 * @property {string} [model]
 * @property {string | null} [language]
 * @property {string} [resume_token] only of a resumable session
 * @property {number} [resume_seconds]
 *
 * @typedef {object} ResumedMessage
 * @property {"resumed"} type
 * @property {string} session_id
 * @property {number} sample_rate
 * @property {string[]} tracks
 * @property {number} from_sample from here on audio is to be sent again
 * @property {number} from_seconds
 * @property {boolean} recognised_again
 * @property {string} [resume_token]
 * @property {number} [resume_seconds]
 *
 * @typedef {object} AcknowledgedMessage
 * @property {"acknowledged"} type
 * @property {number} at_sample everything before it is silence or in a stored final
 * @property {number} at_seconds
 * @property {number} sequence
 *
 * @typedef {object} SpeechMessage
 * @property {"speech_started" | "speech_ended"} type
 * @property {number} track
 * @property {string} utterance_id
 * @property {number} at_sample
 * @property {number} at_seconds
 *
 * @typedef {object} SilenceMessage
 * @property {"silence"} type
 * @property {number} track
 * @property {string} utterance_id
 * @property {number} since_sample
 * @property {number} since_seconds
 * @property {number} at_sample
 * @property {number} at_seconds
 *
 * @typedef {{ type: "nothing_said", track: number, utterance_id: string }} NothingSaidMessage
 *
 * @typedef {object} PartialMessage
 * @property {"partial"} type
 * @property {number} last_sequence
 * @property {number} track
 * @property {WireSpeaker | null} [speaker]
 * @property {string} utterance_id
 * @property {number} start_sample
 * @property {number} start_seconds
 * @property {number} end_sample
 * @property {number} end_seconds
 * @property {string} stable_text
 * @property {string} tentative_text
 * @property {WireWord[]} stable
 * @property {WireWord[]} tentative
 * @property {string | null} [language]
 * @property {number} lag_ms
 *
 * @typedef {object} FinalMessage
 * @property {"final"} type
 * @property {number} sequence
 * @property {number} track
 * @property {WireSpeaker | null} [speaker]
 * @property {string} utterance_id
 * @property {number} start_sample
 * @property {number} start_seconds
 * @property {number} end_sample
 * @property {number} end_seconds
 * @property {string} text
 * @property {WireWord[]} words
 * @property {string | null} [language]
 * @property {number} lag_ms
 *
 * @typedef {object} RevisionMessage
 * @property {"revision"} type
 * @property {number} sequence
 * @property {"second_look" | "recognised" | "renamed" | "merged"} reason
 * @property {{ old: number, new: number }[]} merged
 * @property {{ utterance_id: string, first: number, stop: number, speaker: number | null }[]} changes
 * @property {{ id: number, name: string | null }[]} names
 *
 * @typedef {{ type: "flushed", sequence: number, id: string, at_sample: number, at_seconds: number }} FlushedMessage
 *
 * @typedef {object} UsageMessage
 * @property {"usage"} type
 * @property {number} sequence
 * @property {number} session_samples
 * @property {number} session_seconds
 * @property {number} track_samples
 * @property {number} track_seconds
 * @property {number} speech_samples
 * @property {number} speech_seconds
 * @property {boolean} [last]
 *
 * @typedef {{ type: "lag", lag_ms: number, level: "ok" | "behind" | "overloaded" }} LagMessage
 * @typedef {object} LoadMessage
 * @property {"load"} type
 * @property {"normal" | "slow_partials" | "finals_only" | "full"} level
 * @property {number | null} partial_interval_ms
 *
 * @typedef {{ type: "warning", code: string, message: string }} WarningMessage
 *
 * @typedef {object} ErrorMessage
 * @property {"error"} type
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 * @property {number} [at_sample]
 * @property {number} [at_seconds]
 * @property {number} [retry_after_seconds]
 *
 * @typedef {object} ClosedMessage
 * @property {"closed"} type
 * @property {string | null} error
 * @property {number} close_code
 * @property {number} at_sample
 * @property {number} at_seconds
 *
 * @typedef {ReadyMessage | ResumedMessage | AcknowledgedMessage | SpeechMessage | SilenceMessage | NothingSaidMessage
 *   | PartialMessage | FinalMessage | RevisionMessage | FlushedMessage | UsageMessage | LagMessage | LoadMessage
 *   | WarningMessage | ErrorMessage | ClosedMessage} ServerMessage
 *
 * @typedef {object} StartOptions what `start` may say beside the audio; null or undefined is the server's default
 * @property {string[]} [shared_tracks]
 * @property {string | null} [model]
 * @property {string | null} [label]
 * @property {string | null} [meeting_id]
 * @property {string | null} [language]
 * @property {string[]} [languages]
 * @property {boolean} [partials]
 * @property {number} [partial_interval_ms]
 * @property {number} [endpointing_ms]
 * @property {number | null} [silence_ms]
 * @property {number} [idle_seconds]
 * @property {number} [max_utterance_seconds]
 * @property {string | string[]} [hotwords]
 * @property {string} [context]
 * @property {boolean | null} [diarize]
 * @property {number | null} [speaker_count]
 * @property {number} [max_speakers]
 * @property {boolean} [keep_audio]
 * @property {boolean} [translate]
 * @property {Formatting} [formatting]
 *
 * @typedef {"numbers" | "card" | "phone" | "email" | "nik" | "names"} Secret
 *
 * @typedef {object} Formatting how words are written; docs/formatting.md says what each does
 * @property {boolean} [numbers]
 * @property {boolean} [punctuation]
 * @property {boolean} [capitals]
 * @property {boolean} [spelling]
 * @property {boolean} [fillers] whether they stay
 * @property {boolean} [repairs] whether they stay
 * @property {{ text: string, sounds_like?: string[] }[]} [vocabulary]
 * @property {{ find: string, replace: string }[]} [replace]
 * @property {Secret[]} [redact]
 * @property {string[]} [redact_names]
 * @property {string[]} [participants]
 */

/**
 * Return the address of the native wire on a server; credentials, query and fragment of a page's address are dropped.
 *
 * @param {string | URL} url http(s) or ws(s)
 * @returns {string}
 */
export function streamAddress(url) {
  const address = new URL(url);
  const scheme = /** @type {Record<string, string>} */ ({ "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" })[address.protocol];
  if (!scheme) throw new TypeError(`${address.protocol} is no scheme of a server`);
  return `${scheme}//${address.host}/v1/stream`;
}

/**
 * @param {Encoding} encoding
 * @returns {string} the websocket subprotocol
 */
export function subprotocol(encoding) {
  return `stream-server.v1.${encoding}`;
}

/**
 * Return the frame of a message.
 *
 * @param {object} message
 * @param {Encoding} encoding
 * @returns {string | Uint8Array<ArrayBuffer>}
 */
export function encodeMessage(message, encoding) {
  return encoding === "msgpack" ? packMsgpack(message) : JSON.stringify(message);
}

/**
 * Return the frame of 16-bit samples, whose bytes go as they lie in memory: every machine that has a browser or node is
 * little-endian, as `pcm_s16le` wants it.
 *
 * @param {Int16Array<ArrayBuffer>} samples
 * @param {Encoding} encoding
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeAudio(samples, encoding) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return encoding === "msgpack" ? packMsgpack({ type: "audio", samples: bytes }) : bytes;
}

/**
 * Return the message in a server's frame; one of a type that is not known here is passed on like any other.
 *
 * @param {string | ArrayBuffer} frame
 * @returns {ServerMessage}
 */
export function decodeMessage(frame) {
  const message = typeof frame === "string" ? JSON.parse(frame) : unpackMsgpack(frame);
  if (typeof message?.type !== "string") throw new TypeError("a message has no type");
  return message;
}
