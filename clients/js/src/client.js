/**
 * One live session over as many connections as it takes: `StreamClient`.
 *
 * Sound is kept until the server acknowledges it. A connection that is lost is made again, the session resumed, and what
 * the server has not heard is sent again; where the session is gone, another one begins with the sound that is left, and
 * a `session_lost` event says so.
 */

import { backoffMs } from "./backoff.js";
import { SoundBuffer } from "./buffer.js";
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { BufferFull, ConfigurationError, ConnectionLost, StreamError, errorOf, errorOfMessage } from "./errors.js";
import { Liveness } from "./liveness.js";
import { streamAddress } from "./protocol.js";
import { Transcript } from "./transcript.js";

/** @import * as wire from "./protocol.js" */

/**
 * @typedef {"idle" | "connecting" | "open" | "reconnecting" | "finishing" | "closed"} State
 *
 * @typedef {object} ClientOptions
 * @property {string | URL} url the server, http(s) or ws(s); the path is ours
 * @property {string} [key] an API key, for programs; a page uses `token`
 * @property {string | (() => string | Promise<string>)} [token] a short-lived token, or what gives one: asked anew for
 *   every connection
 * @property {wire.StartOptions & Record<string, unknown>} [options] any field of `start`
 * @property {number} [sampleRate] of the sound that is sent, 8000 to 48000 Hz; 16000 unless given
 * @property {number} [channels] 1 to 8, each a track
 * @property {string[]} [tracks] a name for each channel
 * @property {wire.Encoding} [encoding] how messages are written: "json" unless given
 * @property {boolean} [resumable] whether a lost connection goes on where it stopped: true unless given
 * @property {import("./connection.js").SocketConstructor} [WebSocket] for runtimes that have none of their own
 * @property {Partial<Limits>} [limits]
 *
 * @typedef {object} Limits
 * @property {number} maxBufferedSeconds of sound that is kept: beyond, what was sent is forgotten, and if it was not, `send`
 *   throws
 * @property {number} aheadSeconds of sound that the server is not known to have heard after which `send` returns false
 * @property {number} socketBytes that may wait in the socket
 * @property {number} connectSeconds until there must be a token, and then until the connection must be a session
 * @property {number} startAttempts of the first connection
 * @property {number} reconnectSeconds for which a lost connection is tried again
 * @property {number} firstRetryMs
 * @property {number} mostRetryMs
 * @property {number} silentSeconds without a word from the server after which the connection is taken to be dead
 * @property {number} stalledSeconds in which the network takes nothing, likewise
 * @property {number} answerSeconds without a word while a `flush` or `finish` is to be answered, likewise; four times as
 *   long where the session could not be resumed
 * @property {number} keepAliveSeconds without sound after which we say that we are there
 *
 * @typedef {object} SessionLostDetail
 * @property {StreamError} error why
 * @property {string} sessionId the one that is gone
 * @property {number} fromSeconds where on this client's clock the new session begins
 *
 * @typedef {object} ClientEvents
 * @property {{ state: State, reason?: StreamError, retryInMs?: number }} state
 * @property {{ transcript: Transcript, utteranceId: string | null }} transcript
 * @property {StreamError} error what ended everything
 * @property {{ seconds: number }} buffered
 * @property {SessionLostDetail} session_lost
 * @property {{ untilSeconds: number }} unprotected the server stores nothing, and so much that was sent can be kept no
 *   longer: should that server die, the words before `untilSeconds` which are not final yet are lost. Told once
 * @property {wire.ReadyMessage} ready
 * @property {wire.ResumedMessage} resumed
 * @property {wire.AcknowledgedMessage} acknowledged
 * @property {wire.PartialMessage} partial
 * @property {wire.FinalMessage} final
 * @property {wire.NothingSaidMessage} nothing_said
 * @property {wire.RevisionMessage} revision
 * @property {wire.SpeechMessage} speech_started
 * @property {wire.SpeechMessage} speech_ended
 * @property {wire.SilenceMessage} silence
 * @property {wire.FlushedMessage} flushed
 * @property {wire.UsageMessage} usage
 * @property {wire.LagMessage} lag
 * @property {wire.LoadMessage} load
 * @property {wire.WarningMessage} warning
 * @property {wire.ClosedMessage} closed
 *
 * @typedef {{ closed: wire.ClosedMessage, usage: wire.UsageMessage | null }} Finished
 *
 * @typedef {object} Session what must be known of one to go on with it
 * @property {string} id
 * @property {string | null} resumeToken null: it cannot be resumed
 * @property {number} lastSequence of the durable messages that came
 * @property {number} origin the frame of ours that is its sample 0
 * @property {boolean} begun false: it is yet to take the place of one that was lost
 * @property {number} done the sample before which everything is final or silence
 * @property {number} heard the sample before which the server has heard everything
 */

/** @type {Limits} */
const LIMITS = {
  maxBufferedSeconds: 600, // 19 MB at 16 kHz: longer than a network is usually away
  aheadSeconds: 60, // twice the longest utterance, before whose end nothing of it is acknowledged
  socketBytes: 128 * 1024,
  connectSeconds: 15,
  startAttempts: 4,
  reconnectSeconds: 900,
  firstRetryMs: 500,
  mostRetryMs: 15_000,
  silentSeconds: 15, // partials come twice a second, acknowledgements in silence once
  stalledSeconds: 10,
  answerSeconds: 30, // the longest utterance may have to be recognised first
  keepAliveSeconds: 15, // servers close after 60
};

/** Sessions that are over on the server after such an error, so that only another one can go on. */
const OVER = new Set(["session_unknown", "session_too_long", "idle_timeout", "backlog_exceeded", "slow_client"]);

/** Messages that come once, in order, with a sequence; after a resume some come again. */
const DURABLE = new Set(["final", "revision", "flushed", "usage"]);

/** @extends {Emitter<ClientEvents>} */
export class StreamClient extends Emitter {
  /** What was said so far. */
  transcript = new Transcript();

  #options;
  #limits;
  #address;
  #sampleRate;
  #channels;
  #buffer;
  /** @type {State} */
  #state = "idle";
  /** @type {Connection | null} */
  #connection = null;
  /** @type {Liveness | null} */
  #liveness = null;
  /** @type {Session | null} */
  #session = null;
  #live = false;
  #unprotected = false;
  #lagMs = 0;
  #attempt = 0;
  /** @type {number | null} */
  #lostAt = null;
  #toldSeconds = 0;
  /** @type {StreamError | null} */
  #fault = null;
  /** @type {wire.ClosedMessage | null} */
  #closed = null;
  /** @type {wire.UsageMessage | null} */
  #usage = null;
  /** @type {PromiseWithResolvers<wire.ReadyMessage> | null} */
  #starting = null;
  /** @type {(PromiseWithResolvers<Finished> & { sent: boolean }) | null} */
  #finishing = null;
  /** @type {Map<string, PromiseWithResolvers<wire.FlushedMessage> & { at: number, sent: boolean }>} */
  #flushes = new Map();
  #flushed = 0;
  /** @type {PromiseWithResolvers<void>[]} */
  #draining = [];
  /** @type {Record<"retry" | "connect" | "pump", ReturnType<typeof setTimeout> | undefined>} */
  #timers = { retry: undefined, connect: undefined, pump: undefined };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pulse;

  /** @param {ClientOptions} options */
  constructor(options) {
    super();
    const { url, sampleRate = 16_000, channels = options.tracks?.length ?? 1, limits } = options;
    if (options.options?.["independent_tracks"]) throw new ConfigurationError("invalid_configuration", "independent_tracks is not for this client: send channels");
    this.#options = options;
    this.#address = streamAddress(url);
    this.#sampleRate = sampleRate;
    this.#channels = channels;
    this.#limits = { ...LIMITS, ...limits };
    this.#buffer = new SoundBuffer(channels);
  }

  get state() {
    return this.#state;
  }

  /** The session's id on the server; null before the first. */
  get sessionId() {
    return this.#session?.id ?? null;
  }

  get sampleRate() {
    return this.#sampleRate;
  }

  get channels() {
    return this.#channels;
  }

  /** Seconds of sound that the server has not acknowledged. */
  get bufferedSeconds() {
    return this.#buffer.length / this.#sampleRate;
  }

  /** Milliseconds between the last word and its text, as the server last told. */
  get lagMs() {
    return this.#lagMs;
  }

  /**
   * Connect and begin; resolves when the server is ready, rejects with a `StreamError`.
   *
   * @returns {Promise<wire.ReadyMessage>}
   */
  start() {
    if (this.#starting) return this.#starting.promise;
    if (this.#state !== "idle") return Promise.reject(errorOf("not_open", "the session is over"));
    this.#starting = Promise.withResolvers();
    globalThis.addEventListener?.("online", this.#onNetwork);
    globalThis.addEventListener?.("offline", this.#onNetwork);
    this.#pulse = setInterval(() => this.#beat(), 1000);
    this.#connect("connecting");
    return this.#starting.promise;
  }

  /**
   * Send 16-bit samples, channels interleaved; before `start` and while the connection is away they wait.
   *
   * @param {Int16Array} samples
   * @returns {boolean} whether there is room for more; if not, stop producing where you can, and await `drained()`
   * @throws {BufferFull} if more would wait to be sent than may; then nothing of it is taken
   */
  send(samples) {
    if (this.#finishing || this.#state === "closed") throw errorOf("not_open", "the session takes no more sound");
    if (samples.length % this.#channels) throw new ConfigurationError("invalid_configuration", "a piece of sound ends inside a frame");
    const frames = samples.length / this.#channels;
    this.#makeRoom(this.#buffer.end + frames - this.#limits.maxBufferedSeconds * this.#sampleRate);
    this.#buffer.append(samples);
    this.#pump();
    this.#tellBuffered();
    return this.#hasRoom;
  }

  /**
   * Forget sound before a frame that a server which stores nothing does not acknowledge: what is final, and while the
   * connection lives, what was sent.
   *
   * @param {number} frame
   */
  #makeRoom(frame) {
    const { start, unsent } = this.#buffer;
    if (frame <= start) return;
    const session = this.#session;
    if (!session || frame > (this.#live ? unsent : Math.min(unsent, session.origin + session.done))) {
      throw new BufferFull("buffer_full", `${Math.round(this.bufferedSeconds)} s of sound wait for the server already`);
    }
    this.#buffer.acknowledge(frame);
    if (this.#unprotected) return;
    this.#unprotected = true;
    this.emit("unprotected", { untilSeconds: frame / this.#sampleRate });
  }

  /** Resolves when there is room for more sound. */
  async drained() {
    if (this.#state === "closed") throw this.#fault ?? errorOf("not_open", "the session is over");
    if (this.#hasRoom) return;
    const waiting = Promise.withResolvers();
    this.#draining.push(waiting);
    await waiting.promise;
  }

  /**
   * Make everything final that was sent; resolves when the last word of it has arrived.
   *
   * @returns {Promise<wire.FlushedMessage>}
   */
  flush() {
    if (this.#finishing || this.#state === "closed") return Promise.reject(errorOf("not_open", "the session takes no more sound"));
    const pending = { ...Promise.withResolvers(), at: this.#buffer.end, sent: false };
    this.#flushes.set(`flush-${++this.#flushed}`, pending);
    this.#pump();
    return pending.promise;
  }

  /**
   * End the session; resolves when the last word has arrived and the server has closed it.
   *
   * @returns {Promise<Finished>}
   */
  finish() {
    if (this.#finishing) return this.#finishing.promise;
    if (!this.#starting || this.#state === "closed") return Promise.reject(this.#fault ?? errorOf("not_open", "there is no session"));
    this.#finishing = { ...Promise.withResolvers(), sent: false };
    if (this.#state === "open") this.#become("finishing");
    this.#pump();
    return this.#finishing.promise;
  }

  /** Drop everything at once; what waits for an answer is rejected. */
  abort() {
    if (this.#state !== "closed") this.#end(new StreamError("aborted", "the session was aborted"), false);
  }

  /** @param {"connecting" | "reconnecting"} state */
  async #connect(state) {
    this.#become(state);
    const { encoding = "json", WebSocket = globalThis.WebSocket } = this.#options;
    const late = new ConnectionLost("connection_lost", "the server does not answer", { retryable: true });
    const connectMs = this.#limits.connectSeconds * 1000;
    let key;
    try {
      const waited = new Promise((_, reject) => (this.#timers.connect = setTimeout(() => reject(late), connectMs)));
      key = await Promise.race([this.#credential(), waited]);
    } catch (cause) {
      if (this.#state === state) this.#lost(cause instanceof StreamError ? cause : errorOf("connection_lost", "no token could be had", { cause }));
      return;
    }
    if (this.#state !== state) return;
    clearTimeout(this.#timers.connect);
    this.#fault = this.#closed = null;
    try {
      const connection = new Connection(this.#address, encoding, WebSocket, {
        onOpen: () => this.#introduce(connection, key),
        onMessage: (message) => this.#take(message),
        onEnd: (error) => this.#left(error),
      });
      this.#connection = connection;
      this.#timers.connect = setTimeout(() => connection.abandon(late), connectMs);
    } catch (cause) {
      this.#end(new ConfigurationError("unsupported", "no WebSocket can be opened to that address here", { cause }));
    }
  }

  async #credential() {
    const { token, key } = this.#options;
    return (typeof token === "function" ? await token() : token) ?? key;
  }

  /**
   * @param {Connection} connection
   * @param {string | undefined} key
   */
  #introduce(connection, key) {
    if (key) connection.send({ type: "authenticate", key });
    const { options, tracks, resumable = true } = this.#options;
    const session = this.#session;
    if (session?.resumeToken) {
      connection.send({ type: "resume", session_id: session.id, resume_token: session.resumeToken, last_sequence: session.lastSequence });
    } else {
      const audio = { encoding: "pcm_s16le", sample_rate: this.#sampleRate, channels: this.#channels };
      connection.send({ type: "start", ...options, audio, ...(tracks ? { tracks } : {}), ...(resumable ? { resumable } : {}) });
    }
  }

  /** @param {wire.ServerMessage} message */
  #take(message) {
    this.#liveness?.heard(Date.now());
    if (DURABLE.has(message.type) && !this.#isNew(/** @type {{ sequence: number }} */ (/** @type {unknown} */ (message)).sequence)) return;
    switch (message.type) {
      case "ready":
        this.#began(message);
        break;
      case "resumed":
        if (!this.#resumed(message)) return;
        break;
      case "acknowledged":
        this.#acknowledged(message);
        break;
      case "final":
        this.#passed("done", this.#channels === 1 ? message.end_sample : 0); // other tracks may be behind
        this.#lagMs = message.lag_ms;
        break;
      case "partial":
      case "lag":
        this.#lagMs = message.lag_ms;
        break;
      case "usage":
        this.#passed("heard", message.session_samples);
        this.#usage = message;
        break;
      case "error":
        this.#fault = errorOfMessage(message);
        return;
      case "closed":
        if (message.error !== "internal_error") this.#passed("done", message.at_sample);
        this.#closed = message;
        break;
    }
    const utteranceId = this.transcript.apply(message);
    this.emit(message.type, /** @type {any} */ (message));
    if (utteranceId !== undefined) this.emit("transcript", { transcript: this.transcript, utteranceId });
    if (message.type === "ready" || message.type === "resumed") this.#opened(message);
    if (message.type === "flushed") this.#settleFlush(message);
  }

  /** @param {number} sequence */
  #isNew(sequence) {
    if (!this.#session || sequence <= this.#session.lastSequence) return false;
    this.#session.lastSequence = sequence;
    this.#attempt = 0; // it gets on
    return true;
  }

  /**
   * @param {"done" | "heard"} what
   * @param {number} sample
   */
  #passed(what, sample) {
    const session = this.#session;
    if (session) session[what] = Math.max(session[what], sample);
    this.#drain();
  }

  /** @param {wire.ReadyMessage} message */
  #began({ session_id: id, resume_token: token }) {
    const origin = this.#session ? this.#session.origin : this.#buffer.start;
    this.#session = { id, resumeToken: token ?? null, lastSequence: 0, origin, begun: true, done: 0, heard: 0 };
    this.transcript.shift(origin);
  }

  /** @param {wire.ResumedMessage} message */
  #resumed({ from_sample: from, resume_token: resumeToken }) {
    const session = /** @type {Session} */ (this.#session);
    if (resumeToken) session.resumeToken = resumeToken;
    session.heard = from;
    if (this.#buffer.rewind(session.origin + from)) return true;
    this.#connection?.abandon(errorOf("session_unknown", "the server wants sound that is no longer there"));
    return false;
  }

  /** @param {wire.ReadyMessage | wire.ResumedMessage} message */
  #opened(message) {
    clearTimeout(this.#timers.connect);
    this.#live = true;
    this.#lostAt = null;
    const { silentSeconds, stalledSeconds, keepAliveSeconds, answerSeconds } = this.#limits;
    const limits = { silentMs: silentSeconds * 1000, stalledMs: stalledSeconds * 1000, idleMs: keepAliveSeconds * 1000 };
    this.#liveness = new Liveness({ ...limits, answerMs: answerSeconds * (this.#session?.resumeToken ? 1000 : 4000) }, Date.now());
    this.#unsend(message);
    this.#become(this.#finishing ? "finishing" : "open");
    if (message.type === "ready") this.#starting?.resolve(message);
    this.#pump();
  }

  /**
   * Say again what the server may not have heard. A `flush` that lies before what the same process has received, it has
   * received too.
   *
   * @param {wire.ReadyMessage | wire.ResumedMessage} message
   */
  #unsend(message) {
    const heard = message.type === "resumed" && !message.recognised_again ? this.#buffer.unsent : -1;
    for (const flush of this.#flushes.values()) flush.sent &&= flush.at < heard;
    if (this.#finishing) this.#finishing.sent = false;
  }

  /** @param {wire.AcknowledgedMessage} message */
  #acknowledged({ at_sample: at }) {
    if (!this.#session) return;
    this.#attempt = 0;
    this.#unprotected = false;
    this.#buffer.acknowledge(Math.min(this.#session.origin + at, this.#buffer.unsent));
    this.#drain();
    this.#tellBuffered();
  }

  /** @param {wire.FlushedMessage} message */
  #settleFlush(message) {
    this.#flushes.get(message.id)?.resolve(message);
    this.#flushes.delete(message.id);
  }

  /** Send what there is to send, in order, as far as the socket takes it. */
  #pump() {
    const connection = this.#connection;
    if (!connection?.takes || !this.#live) return;
    clearTimeout(this.#timers.pump);
    while (connection.waitingBytes < this.#limits.socketBytes) {
      const next = [...this.#flushes].find(([, each]) => !each.sent);
      if (next && next[1].at <= this.#buffer.unsent) {
        next[1].sent = true;
        this.#say(connection, { type: "flush", id: next[0] });
        continue;
      }
      const samples = this.#buffer.take(next?.[1].at);
      if (!samples) break;
      connection.sendAudio(samples);
      this.#liveness?.sent(Date.now(), true);
    }
    if (!this.#session?.resumeToken) this.#buffer.acknowledge(this.#buffer.unsent);
    if (this.#buffer.unsent < this.#buffer.end) this.#timers.pump = setTimeout(() => this.#pump(), 20); // no socket says when it has room
    else if (this.#finishing && !this.#finishing.sent && ![...this.#flushes.values()].some((each) => !each.sent)) {
      this.#finishing.sent = true;
      this.#say(connection, { type: "finish" });
    }
    this.#drain();
  }

  /**
   * @param {Connection} connection
   * @param {object} message
   */
  #say(connection, message) {
    connection.send(message);
    this.#liveness?.sent(Date.now(), false);
  }

  get #hasRoom() {
    const { start, unsent, end } = this.#buffer;
    const session = this.#session; // a server that stores nothing acknowledges nothing, but has heard it
    const heard = session ? session.origin + Math.max(session.done, session.heard) : 0;
    return end - Math.max(start, heard) < this.#limits.aheadSeconds * this.#sampleRate && end - unsent < this.#sampleRate;
  }

  #drain() {
    if (this.#hasRoom) for (const each of this.#draining.splice(0)) each.resolve();
  }

  /** Once a second: tell whether the connection lives. */
  #beat() {
    const connection = this.#connection;
    if (!connection || !this.#live || !this.#liveness) return;
    const { takenBytes, waitingBytes } = connection;
    const answers = Boolean(this.#session?.resumeToken) && !this.#finishing;
    const owed = Boolean(this.#finishing || this.#flushes.size);
    const found = this.#liveness.judge(Date.now(), { takenBytes, waitingBytes, answers, owed });
    if (found === "dead") connection.abandon(new ConnectionLost("connection_lost", "nothing gets through", { retryable: true }));
    if (found === "idle") this.#say(connection, { type: "keep_alive" });
  }

  #onNetwork = () => {
    this.#liveness?.suspect(Date.now());
    if (this.#timers.retry === undefined || globalThis.navigator?.onLine === false) return;
    clearTimeout(this.#timers.retry);
    this.#timers.retry = undefined;
    this.#connect("reconnecting");
  };

  /**
   * A connection ended: well, or to be made again.
   *
   * @param {StreamError} error as the socket tells it
   */
  #left(error) {
    if (this.#state === "closed") return;
    if (this.#closed && !this.#closed.error) return this.#done(this.#closed);
    this.#lost(this.#fault ?? error);
  }

  /** @param {StreamError} error */
  #lost(error) {
    clearTimeout(this.#timers.connect);
    clearTimeout(this.#timers.pump);
    const over = this.#live && this.#closed; // and not: this connection was refused
    this.#connection = this.#liveness = null;
    this.#live = false;
    this.#lostAt ??= Date.now();
    const before = this.#session;
    if (before?.begun && (OVER.has(error.code) || ((over || !before.resumeToken) && error.retryable))) this.#startAnew(before, error);
    else if (!error.retryable) return this.#end(error);
    const tired = before ? Date.now() - this.#lostAt > this.#limits.reconnectSeconds * 1000 : this.#attempt + 1 >= this.#limits.startAttempts;
    if (tired) return this.#end(error);
    const { firstRetryMs: firstMs, mostRetryMs: mostMs } = this.#limits;
    const retryInMs = backoffMs(this.#attempt++, { firstMs, mostMs, retryAfterSeconds: error.retryAfterSeconds });
    this.#become("reconnecting", error, retryInMs);
    this.#timers.retry = setTimeout(() => {
      this.#timers.retry = undefined;
      this.#connect("reconnecting");
    }, retryInMs);
  }

  /**
   * The session is gone: another one begins with the sound that nobody has acknowledged and that is in no final.
   *
   * @param {Session} session
   * @param {StreamError} error
   */
  #startAnew(session, error) {
    this.#buffer.acknowledge(Math.min(session.origin + session.done, this.#buffer.unsent));
    const origin = this.#buffer.start;
    this.#buffer.rewind(origin);
    this.#session = { ...session, resumeToken: null, lastSequence: 0, origin, begun: false, done: 0, heard: 0 };
    this.emit("session_lost", { error, sessionId: session.id, fromSeconds: origin / this.#sampleRate });
  }

  /** @param {wire.ClosedMessage} closed */
  #done(closed) {
    this.#finishing?.resolve({ closed, usage: this.#usage });
    this.#end(null);
  }

  /**
   * @param {StreamError | null} error null for a good end
   * @param {boolean} [tell]
   */
  #end(error, tell = true) {
    const connection = this.#connection;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    clearInterval(this.#pulse);
    globalThis.removeEventListener?.("online", this.#onNetwork);
    globalThis.removeEventListener?.("offline", this.#onNetwork);
    this.#fault = error;
    this.#connection = this.#liveness = null;
    this.#live = false;
    this.#become("closed", error ?? undefined);
    const reason = error ?? errorOf("not_open", "the session is over");
    connection?.abandon(reason);
    for (const each of [this.#starting, this.#finishing, ...this.#flushes.values(), ...this.#draining.splice(0)]) each?.reject(reason);
    this.#flushes.clear();
    if (error && tell) this.emit("error", error);
  }

  #tellBuffered() {
    const seconds = this.bufferedSeconds;
    if (Math.abs(seconds - this.#toldSeconds) < 0.5 && (seconds > 0 || this.#toldSeconds === 0)) return;
    this.#toldSeconds = seconds;
    this.emit("buffered", { seconds });
  }

  /**
   * @param {State} state
   * @param {StreamError} [reason]
   * @param {number} [retryInMs]
   */
  #become(state, reason, retryInMs) {
    if (state === this.#state && retryInMs === undefined) return;
    this.#state = state;
    this.emit("state", { state, ...(reason ? { reason } : {}), ...(retryInMs === undefined ? {} : { retryInMs }) });
  }
}
