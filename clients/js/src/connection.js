/** One websocket to the server, from its opening to its one end, whoever ends it. */

import { errorOf, errorOfClose } from "./errors.js";
import { decodeMessage, encodeAudio, encodeMessage, subprotocol } from "./protocol.js";

/**
 * @typedef {import("./errors.js").StreamError} StreamError
 *
 * @typedef {object} Socket what is used of a WebSocket
 * @property {string} binaryType
 * @property {number} readyState
 * @property {number} bufferedAmount
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 * @property {(data: any) => void} send
 * @property {(code?: number, reason?: string) => void} close
 *
 * @typedef {new (url: string, protocols?: string[]) => Socket} SocketConstructor
 *
 * @typedef {object} ConnectionEvents
 * @property {() => void} onOpen
 * @property {(message: import("./protocol.js").ServerMessage) => void} onMessage
 * @property {(error: StreamError) => void} onEnd called once, for the close 1000 as well
 */

export class Connection {
  #socket;
  #encoding;
  #onEnd;
  #ended = false;
  #written = 0;

  /**
   * @param {string} address
   * @param {import("./protocol.js").Encoding} encoding
   * @param {SocketConstructor} WebSocket
   * @param {ConnectionEvents} events
   */
  constructor(address, encoding, WebSocket, { onOpen, onMessage, onEnd }) {
    this.#encoding = encoding;
    this.#onEnd = onEnd;
    this.#socket = new WebSocket(address, [subprotocol(encoding)]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = onOpen;
    this.#socket.onmessage = ({ data }) => {
      let message;
      try {
        message = decodeMessage(data);
      } catch (cause) {
        return this.abandon(errorOf("invalid_message", "what answers does not speak this protocol", { cause }));
      }
      onMessage(message);
    };
    this.#socket.onerror = () => {}; // says nothing about why; the close that follows does
    this.#socket.onclose = ({ code, reason }) => this.#end(errorOfClose(code, String(reason ?? "")));
  }

  /** Whether it takes messages: not once it is closing. */
  get takes() {
    return this.#socket.readyState === 1;
  }

  /** Bytes that the network has not taken yet. */
  get waitingBytes() {
    return this.#socket.bufferedAmount;
  }

  /** Bytes that the network has taken. */
  get takenBytes() {
    return this.#written - this.#socket.bufferedAmount;
  }

  /** @param {object} message */
  send(message) {
    this.#send(encodeMessage(message, this.#encoding));
  }

  /** @param {Int16Array<ArrayBuffer>} samples */
  sendAudio(samples) {
    this.#send(encodeAudio(samples, this.#encoding));
  }

  /**
   * End it now, without waiting for the peer's agreement, which may never come.
   *
   * @param {StreamError} error why
   */
  abandon(error) {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState < 2) socket.close();
    this.#end(error);
  }

  /** @param {string | Uint8Array<ArrayBuffer>} frame */
  #send(frame) {
    if (!this.takes) return; // it is closing, and its end will be told
    this.#written += typeof frame === "string" ? new TextEncoder().encode(frame).length : frame.byteLength;
    this.#socket.send(frame);
  }

  /** @param {StreamError} error */
  #end(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(error);
  }
}
