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
    /**
     * @param {string} address
     * @param {import("./protocol.js").Encoding} encoding
     * @param {SocketConstructor} WebSocket
     * @param {ConnectionEvents} events
     */
    constructor(address: string, encoding: import("./protocol.js").Encoding, WebSocket: SocketConstructor, { onOpen, onMessage, onEnd }: ConnectionEvents);
    /** Whether it takes messages: not once it is closing. */
    get takes(): boolean;
    /** Bytes that the network has not taken yet. */
    get waitingBytes(): number;
    /** Bytes that the network has taken. */
    get takenBytes(): number;
    /** @param {object} message */
    send(message: object): void;
    /** @param {Int16Array<ArrayBuffer>} samples */
    sendAudio(samples: Int16Array<ArrayBuffer>): void;
    /**
     * End it now, without waiting for the peer's agreement, which may never come.
     *
     * @param {StreamError} error why
     */
    abandon(error: StreamError): void;
    #private;
}
export type StreamError = import("./errors.js").StreamError;
/**
 * what is used of a WebSocket
 */
export type Socket = {
    binaryType: string;
    readyState: number;
    bufferedAmount: number;
    onopen: ((event: any) => void) | null;
    onmessage: ((event: any) => void) | null;
    onclose: ((event: any) => void) | null;
    onerror: ((event: any) => void) | null;
    send: (data: any) => void;
    close: (code?: number, reason?: string) => void;
};
export type SocketConstructor = new (url: string, protocols?: string[]) => Socket;
export type ConnectionEvents = {
    onOpen: () => void;
    onMessage: (message: import("./protocol.js").ServerMessage) => void;
    /**
     * called once, for the close 1000 as well
     */
    onEnd: (error: StreamError) => void;
};
