/** @extends {Emitter<ClientEvents>} */
export class StreamClient extends Emitter<ClientEvents> {
    /** @param {ClientOptions} options */
    constructor(options: ClientOptions);
    /** What was said so far. */
    transcript: Transcript;
    get state(): State;
    /** The session's id on the server; null before the first. */
    get sessionId(): string | null;
    get sampleRate(): number;
    get channels(): number;
    /** Seconds of sound that the server has not acknowledged. */
    get bufferedSeconds(): number;
    /** Milliseconds between the last word and its text, as the server last told. */
    get lagMs(): number;
    /**
     * Connect and begin; resolves when the server is ready, rejects with a `StreamError`.
     *
     * @returns {Promise<wire.ReadyMessage>}
     */
    start(): Promise<wire.ReadyMessage>;
    /**
     * Send 16-bit samples, channels interleaved; before `start` and while the connection is away they wait.
     *
     * @param {Int16Array} samples
     * @returns {boolean} whether there is room for more; if not, stop producing where you can, and await `drained()`
     * @throws {BufferFull} if more would wait to be sent than may; then nothing of it is taken
     */
    send(samples: Int16Array): boolean;
    /** Resolves when there is room for more sound. */
    drained(): Promise<void>;
    /**
     * Make everything final that was sent; resolves when the last word of it has arrived.
     *
     * @returns {Promise<wire.FlushedMessage>}
     */
    flush(): Promise<wire.FlushedMessage>;
    /**
     * End the session; resolves when the last word has arrived and the server has closed it.
     *
     * @returns {Promise<Finished>}
     */
    finish(): Promise<Finished>;
    /** Drop everything at once; what waits for an answer is rejected. */
    abort(): void;
    #private;
}
export type State = "idle" | "connecting" | "open" | "reconnecting" | "finishing" | "closed";
export type ClientOptions = {
    /**
     * the server, http(s) or ws(s); the path is ours
     */
    url: string | URL;
    /**
     * an API key, for programs; a page uses `token`
     */
    key?: string;
    /**
     * a short-lived token, or what gives one: asked anew for
     * every connection
     */
    token?: string | (() => string | Promise<string>);
    /**
     * any field of `start`
     */
    options?: wire.StartOptions & Record<string, unknown>;
    /**
     * of the sound that is sent, 8000 to 48000 Hz; 16000 unless given
     */
    sampleRate?: number;
    /**
     * 1 to 8, each a track
     */
    channels?: number;
    /**
     * a name for each channel
     */
    tracks?: string[];
    /**
     * how messages are written: "json" unless given
     */
    encoding?: wire.Encoding;
    /**
     * whether a lost connection goes on where it stopped: true unless given
     */
    resumable?: boolean;
    /**
     * for runtimes that have none of their own
     */
    WebSocket?: import("./connection.js").SocketConstructor;
    limits?: Partial<Limits>;
};
export type Limits = {
    /**
     * of sound that is kept: beyond, what was sent is forgotten, and if it was not, `send`
     * throws
     */
    maxBufferedSeconds: number;
    /**
     * of sound that the server is not known to have heard after which `send` returns false
     */
    aheadSeconds: number;
    /**
     * that may wait in the socket
     */
    socketBytes: number;
    /**
     * until there must be a token, and then until the connection must be a session
     */
    connectSeconds: number;
    /**
     * of the first connection
     */
    startAttempts: number;
    /**
     * for which a lost connection is tried again
     */
    reconnectSeconds: number;
    firstRetryMs: number;
    mostRetryMs: number;
    /**
     * without a word from the server after which the connection is taken to be dead
     */
    silentSeconds: number;
    /**
     * in which the network takes nothing, likewise
     */
    stalledSeconds: number;
    /**
     * without a word while a `flush` or `finish` is to be answered, likewise; four times as
     * long where the session could not be resumed
     */
    answerSeconds: number;
    /**
     * without sound after which we say that we are there
     */
    keepAliveSeconds: number;
};
export type SessionLostDetail = {
    /**
     * why
     */
    error: StreamError;
    /**
     * the one that is gone
     */
    sessionId: string;
    /**
     * where on this client's clock the new session begins
     */
    fromSeconds: number;
};
export type ClientEvents = {
    state: {
        state: State;
        reason?: StreamError;
        retryInMs?: number;
    };
    transcript: {
        transcript: Transcript;
        utteranceId: string | null;
    };
    /**
     * what ended everything
     */
    error: StreamError;
    buffered: {
        seconds: number;
    };
    session_lost: SessionLostDetail;
    /**
     * the server stores nothing, and so much that was sent can be kept no
     * longer: should that server die, the words before `untilSeconds` which are not final yet are lost. Told once
     */
    unprotected: {
        untilSeconds: number;
    };
    ready: wire.ReadyMessage;
    resumed: wire.ResumedMessage;
    acknowledged: wire.AcknowledgedMessage;
    partial: wire.PartialMessage;
    final: wire.FinalMessage;
    nothing_said: wire.NothingSaidMessage;
    revision: wire.RevisionMessage;
    speech_started: wire.SpeechMessage;
    speech_ended: wire.SpeechMessage;
    silence: wire.SilenceMessage;
    flushed: wire.FlushedMessage;
    usage: wire.UsageMessage;
    lag: wire.LagMessage;
    load: wire.LoadMessage;
    warning: wire.WarningMessage;
    closed: wire.ClosedMessage;
};
export type Finished = {
    closed: wire.ClosedMessage;
    usage: wire.UsageMessage | null;
};
/**
 * what must be known of one to go on with it
 */
export type Session = {
    id: string;
    /**
     * null: it cannot be resumed
     */
    resumeToken: string | null;
    /**
     * of the durable messages that came
     */
    lastSequence: number;
    /**
     * the frame of ours that is its sample 0
     */
    origin: number;
    /**
     * false: it is yet to take the place of one that was lost
     */
    begun: boolean;
    /**
     * the sample before which everything is final or silence
     */
    done: number;
    /**
     * the sample before which the server has heard everything
     */
    heard: number;
};
import { Emitter } from "./emitter.js";
import { Transcript } from "./transcript.js";
import type * as wire from "./protocol.js";
import { StreamError } from "./errors.js";
