// A server of the native wire in memory: sessions that can be resumed, connections that can be cut. It writes a "word" for
// every WORD frames that it hears, their first sample, so that what is lost, doubled or out of place shows in the text.

import { packMsgpack, unpackMsgpack } from "../src/msgpack.js";

export const WORD = 400;
const UTTERANCE = 5 * WORD;
const RATE = 16_000;

/** The sample at a frame: counts up, so that each place is known by its value. */
export function sampleAt(frame) {
  return frame % 32_768;
}

/** Samples from one frame to another; each channel has its own, interleaved. */
export function sound(first, behind, channels = 1) {
  return Int16Array.from({ length: (behind - first) * channels }, (_, index) => sampleAt(first + Math.floor(index / channels)) - (index % channels));
}

/** The words that a server writes for so many frames. */
export function wordsOf(frames) {
  return Array.from({ length: Math.ceil(frames / WORD) }, (_, index) => String(sampleAt(index * WORD)));
}

export class FakeServer {
  sessions = new Map();
  sockets = [];
  starts = [];
  resumes = [];
  keys = [];
  /** Called with every socket that opens; may refuse or cut it. */
  onSocket = () => {};
  /** Called with each message; true: it is swallowed. */
  onMessage = () => false;
  resumable = true;
  /** Whether it has where to store what it acknowledges. */
  stores = true;

  /** The constructor to hand to a client. */
  get WebSocket() {
    const server = this;
    return class {
      constructor(url, protocols) {
        const socket = new ServerSide(server, this, protocols[0].endsWith("msgpack"));
        Object.assign(this, { url, readyState: 0, bufferedAmount: 0 });
        this.send = (data) => socket.hear(data);
        this.close = () => socket.cut(1005);
        server.sockets.push(socket);
        setImmediate(() => socket.open());
      }
    };
  }

  /** Another process takes over: of each session only what was stored is left. */
  restart() {
    for (const session of this.sessions.values()) {
      session.audio = session.audio.slice(0, session.acknowledged);
      session.elsewhere = true;
    }
    for (const socket of this.sockets) socket.cut();
  }
}

class ServerSide {
  session = null;
  cutOff = false;

  constructor(server, client, msgpack) {
    Object.assign(this, { server, client, msgpack });
  }

  open() {
    if (this.cutOff) return;
    this.server.onSocket(this);
    if (this.cutOff) return;
    this.client.readyState = 1;
    this.client.onopen?.({});
  }

  /** End the connection without a word, or with a code and a reason. */
  cut(code = 1006, reason = "") {
    if (this.cutOff) return;
    this.cutOff = true;
    this.client.readyState = 3;
    setImmediate(() => this.client.onclose?.({ code, reason }));
  }

  say(message) {
    setImmediate(() => {
      if (this.cutOff) return;
      const bytes = this.msgpack ? packMsgpack(message) : JSON.stringify(message);
      this.client.onmessage?.({ data: this.msgpack ? bytes.buffer : bytes });
    });
  }

  /** End the session with an error: what was heard is final, which nobody has acknowledged. */
  expire(code, closeCode) {
    const { session, server } = this;
    server.stores = false;
    if (session.audio.length > session.acknowledged) this.final(session.audio.length);
    server.stores = true;
    this.fail(code, closeCode, { retryable: true });
  }

  fail(code, closeCode, more = {}) {
    this.say({ type: "error", code, message: code, retryable: false, ...more });
    const at = this.session?.audio.length ?? 0;
    this.say({ type: "closed", error: code, close_code: closeCode, at_sample: at, at_seconds: at / RATE });
    setImmediate(() => setImmediate(() => this.cut(closeCode, `${code}: ${code}`)));
  }

  hear(data) {
    if (this.cutOff) return;
    const copied = typeof data === "string" ? data : data.slice();
    setImmediate(() => {
      if (this.cutOff) return;
      const message = this.msgpack ? unpackMsgpack(copied) : typeof copied === "string" ? JSON.parse(copied) : { type: "audio", samples: copied };
      if (!this.server.onMessage(message, this)) this.take(message);
    });
  }

  take(message) {
    switch (message.type) {
      case "authenticate":
        return this.server.keys.push(message.key);
      case "start":
        return this.start(message);
      case "resume":
        return this.resume(message);
      case "audio":
        return this.audio(message.samples);
      case "flush":
        return this.flush(message.id);
      case "finish":
        return this.finish();
    }
  }

  start(message) {
    const id = `s-${this.server.starts.length + 1}`;
    this.server.starts.push(message);
    this.session = { id, channels: message.audio.channels, audio: [], acknowledged: 0, durable: [], ended: false, utterances: 0, elsewhere: false };
    this.server.sessions.set(id, this.session);
    const resume = message.resumable && this.server.resumable ? { resume_token: `secret-${id}`, resume_seconds: 120 } : {};
    this.say({ type: "ready", session_id: id, sample_rate: RATE, tracks: ["track 1"], engine: "fake", model: "fake", language: null, ...resume });
  }

  resume(message) {
    const session = this.server.sessions.get(message.session_id);
    if (!session || message.resume_token !== `secret-${session.id}`) return this.fail("session_unknown", 4004);
    this.session = session;
    const from = session.audio.length;
    this.server.resumes.push({ from, last: message.last_sequence, again: session.elsewhere });
    this.say({ type: "resumed", session_id: session.id, sample_rate: RATE, tracks: ["track 1"], from_sample: from, from_seconds: from / RATE, recognised_again: session.elsewhere });
    session.elsewhere = false;
    for (const each of session.durable) if (each.sequence > message.last_sequence) this.say(each);
    if (session.ended) this.close();
  }

  audio(bytes) {
    const { session } = this;
    new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)).forEach((value, index) => {
      const channel = index % session.channels;
      const sample = value + channel;
      if (channel) {
        if (sample !== session.audio.at(-1)) throw new Error(`channel ${channel} of frame ${session.audio.length - 1} is ${value}`);
        return;
      }
      if (sample !== sampleAt(session.audio.length + (session.origin ?? (session.origin = session.audio.length ? 0 : sample)))) throw new Error(`frame ${session.audio.length} is ${sample}`);
      session.audio.push(sample);
    });
    this.partial();
    while (session.audio.length - session.acknowledged >= UTTERANCE) this.final(session.acknowledged + UTTERANCE);
  }

  partial() {
    const { session } = this;
    const words = this.words(session.acknowledged, session.audio.length);
    if (!words.length) return;
    this.say({ ...this.frame(session.audio.length), type: "partial", last_sequence: session.durable.length, stable_text: "", tentative_text: words.map((word) => word.text).join(" "), stable: [], tentative: words, lag_ms: 1 });
  }

  final(behind) {
    const { session } = this;
    const words = this.words(session.acknowledged, behind);
    const frame = this.frame(behind);
    session.utterances++;
    session.acknowledged = behind;
    this.durable({ ...frame, type: "final", text: words.map((word) => word.text).join(" "), words, lag_ms: 2 });
    if (this.server.stores) this.say({ type: "acknowledged", at_sample: behind, at_seconds: behind / RATE, sequence: session.durable.length });
  }

  flush(id) {
    const { session } = this;
    if (session.audio.length > session.acknowledged) this.final(session.audio.length);
    this.durable({ type: "flushed", id, at_sample: session.audio.length, at_seconds: session.audio.length / RATE });
  }

  finish() {
    const { session } = this;
    if (session.ended) return;
    if (session.audio.length > session.acknowledged) this.final(session.audio.length);
    const seconds = session.audio.length / RATE;
    this.durable({ type: "usage", session_samples: session.audio.length, session_seconds: seconds, track_samples: 0, track_seconds: 0, speech_samples: 0, speech_seconds: 0, last: true });
    session.ended = true;
    this.close();
  }

  close() {
    this.say({ type: "closed", error: null, close_code: 1000, at_sample: this.session.audio.length, at_seconds: this.session.audio.length / RATE });
    setImmediate(() => setImmediate(() => this.cut(1000)));
  }

  durable(message) {
    const { session } = this;
    session.durable.push({ ...message, sequence: session.durable.length + 1 });
    this.say(session.durable.at(-1));
  }

  words(first, behind) {
    const words = [];
    for (let at = first; at < behind; at += WORD) words.push({ text: String(this.session.audio.at(at)), ...this.time("start", at), ...this.time("end", Math.min(at + WORD, behind)), confidence: 1 });
    return words;
  }

  frame(behind) {
    const { session } = this;
    return { track: 0, speaker: null, utterance_id: `u${session.utterances}`, language: "en", ...this.time("start", session.acknowledged), ...this.time("end", behind) };
  }

  time(name, sample) {
    return { [`${name}_sample`]: sample, [`${name}_seconds`]: Math.round((sample / RATE) * 1000) / 1000 };
  }
}
