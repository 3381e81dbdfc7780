/** Sound from microphones, screens, streams and files, as 16-bit samples at one rate: `Capture`. */

import { Emitter } from "./emitter.js";
import { BufferFull, CaptureError } from "./errors.js";
import { FRAME_MS, Framer } from "./framer.js";

/** @import { StreamClient } from "./client.js" */

/**
 * @typedef {object} CaptureOptions
 * @property {number} [sampleRate] of what comes out; 16000 unless given
 * @property {number} [channels] that come out; one, the mean of all, unless given
 * @property {string | URL} [workletUrl] where worklet.js is, if a bundler has moved it: its neighbours must lie beside it
 *
 * @typedef {object} MicrophoneOptions
 * @property {string} [deviceId] as `navigator.mediaDevices.enumerateDevices()` has it
 * @property {boolean} [echoCancellation] true unless given
 * @property {boolean} [noiseSuppression] true unless given
 * @property {boolean} [autoGainControl] true unless given
 *
 * @typedef {object} CaptureEvents
 * @property {{ rms: number, peak: number }} level 50 times a second
 * @property {Int16Array<ArrayBuffer>} samples
 * @property {{ reason: "stopped" | "track_ended" | "file_ended" | "failed" }} ended
 * @property {{ devices: MediaDeviceInfo[] }} devicechange microphones came or went
 * @property {{ interrupted: boolean }} interrupted the system took the sound away, or gave it back
 * @property {{ seconds: number }} gap so much was left out because the client could keep no more; it takes sound again
 * @property {Error} error
 */

/** How long the sound's own thread has to hand over the last samples. */
const STOP_MS = 1_000;

const REASONS = new Map([
  ["NotAllowedError", ["permission_denied", "the microphone may not be used"]],
  ["SecurityError", ["permission_denied", "the microphone may not be used"]],
  ["NotFoundError", ["no_device", "there is no microphone"]],
  ["OverconstrainedError", ["no_device", "there is no microphone"]],
  ["NotReadableError", ["device_busy", "the microphone is in use, or failed"]],
  ["AbortError", ["device_busy", "the microphone is in use, or failed"]],
  ["NotSupportedError", ["unsupported", "this browser cannot capture sound"]],
]);

/**
 * Sound that is being captured. Until `pipeTo`, it is measured and not kept.
 *
 * @extends {Emitter<CaptureEvents>}
 */
export class Capture extends Emitter {
  #source;
  #ended = false;
  /** @type {Promise<void> | null} */
  #stopping = null;

  /**
   * @param {Source} source
   * @param {number} sampleRate
   * @param {number} channels
   */
  constructor(source, sampleRate, channels) {
    super();
    this.#source = source;
    /** @readonly */
    this.sampleRate = sampleRate;
    /** @readonly */
    this.channels = channels;
    source.begin({
      frame: ({ samples, rms, peak }) => {
        this.emit("level", { rms, peak });
        this.emit("samples", samples);
      },
      ended: (reason) => this.#end(reason),
      devices: (devices) => this.emit("devicechange", { devices }),
      interrupted: (interrupted) => this.emit("interrupted", { interrupted }),
    });
  }

  /** The stream that is listened to; null for files. */
  get stream() {
    return this.#source.stream;
  }

  /**
   * Send everything from now on to a client. If it can keep no more, what is heard meanwhile is left out: an `error`
   * (`BufferFull`) says so when that begins, and `gap` when it ends.
   *
   * @param {Pick<StreamClient, "send" | "drained">} client
   * @returns {() => void} ends it
   */
  pipeTo(client) {
    let left = 0;
    const end = this.on("samples", (samples) => {
      try {
        client.send(samples);
        if (left) this.emit("gap", { seconds: left / this.channels / this.sampleRate });
        left = 0;
      } catch (error) {
        const full = error instanceof BufferFull;
        if (!full) end(); // it takes no more
        if (!left) this.emit("error", /** @type {Error} */ (error)); // said once, not fifty times a second
        if (full) left += samples.length;
      }
    });
    this.#source.run?.(() => client.drained())?.catch((/** @type {Error} */ error) => {
      end();
      this.emit("error", error);
      this.#end("failed");
    });
    return end;
  }

  /** Stop; resolves when the last sample has been handed on. */
  stop() {
    this.#stopping ??= this.#source.stop().then(() => this.#end("stopped"));
    return this.#stopping;
  }

  /** @param {CaptureEvents["ended"]["reason"]} reason */
  #end(reason) {
    if (this.#ended) return;
    this.#ended = true;
    this.emit("ended", { reason });
  }
}

/**
 * @typedef {object} Sink
 * @property {(frame: import("./framer.js").Frame) => void} frame
 * @property {(reason: CaptureEvents["ended"]["reason"]) => void} ended
 * @property {(devices: MediaDeviceInfo[]) => void} devices
 * @property {(interrupted: boolean) => void} interrupted
 *
 * @typedef {object} Source
 * @property {MediaStream | null} stream
 * @property {(sink: Sink) => void} begin
 * @property {() => Promise<void>} stop
 * @property {(room: () => Promise<void>) => Promise<void>} [run] for sources that must be asked
 */

/**
 * Listen to a microphone.
 *
 * @param {CaptureOptions & MicrophoneOptions} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export async function captureMicrophone(options = {}) {
  const { deviceId, echoCancellation = true, noiseSuppression = true, autoGainControl = true, channels } = options;
  const audio = {
    echoCancellation,
    noiseSuppression,
    autoGainControl,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    ...(channels ? { channelCount: { ideal: channels } } : {}),
  };
  const stream = await asked((devices) => devices.getUserMedia({ audio }));
  return listen(stream, options, true);
}

/**
 * Listen to a tab or the system, as far as the browser lets the person choose its sound. The picture is not used.
 *
 * @param {CaptureOptions & { audio?: MediaTrackConstraints }} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export async function captureDisplay(options = {}) {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, ...options.audio };
  const wanted = /** @type {DisplayMediaStreamOptions} */ ({ audio, video: true, systemAudio: "include" }); // video must be asked for
  const stream = await asked((devices) => devices.getDisplayMedia(wanted));
  return listen(stream, options, true);
}

/**
 * Listen to a stream of yours; it is not stopped with the capture.
 *
 * @param {MediaStream} stream
 * @param {CaptureOptions} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export function captureStream(stream, options = {}) {
  return listen(stream, options, false);
}

/**
 * Read a recording that the browser can decode. It lies in memory as a whole; long ones are better uploaded. Nothing
 * happens until `pipeTo`.
 *
 * @param {Blob} file
 * @param {CaptureOptions & { realTime?: boolean }} [options] `realTime`: as if it were spoken now, else as fast as the
 *   client takes it
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export async function captureFile(file, { sampleRate = 16_000, channels = 1, realTime = false } = {}) {
  const context = new OfflineAudioContext(channels, 1, sampleRate);
  let sound;
  try {
    sound = await context.decodeAudioData(await file.arrayBuffer());
  } catch (cause) {
    throw new CaptureError("no_audio", "this file holds no sound that the browser can decode", { cause });
  }
  return new Capture(fileSource(sound, channels, realTime), sampleRate, channels);
}

function insecure() {
  return new CaptureError("insecure_context", "browsers give sound to pages on https or localhost only");
}

/**
 * @param {(devices: MediaDevices) => Promise<MediaStream>} ask
 * @returns {Promise<MediaStream>}
 */
async function asked(ask) {
  if (globalThis.isSecureContext === false) throw insecure();
  if (!navigator.mediaDevices) throw new CaptureError("unsupported", "this browser cannot capture sound");
  try {
    return await ask(navigator.mediaDevices);
  } catch (cause) {
    const [code = "capture_failed", message = "sound cannot be captured"] = REASONS.get(/** @type {Error} */ (cause)?.name) ?? [];
    throw new CaptureError(code, message, { cause });
  }
}

/**
 * @param {MediaStream} stream
 * @param {CaptureOptions} options
 * @param {boolean} owned whether it ends with the capture
 */
async function listen(stream, { sampleRate = 16_000, channels = 1, workletUrl = new URL("./worklet.js", import.meta.url) }, owned) {
  const release = () => owned && stream.getTracks().forEach((track) => track.stop());
  if (!stream.getAudioTracks().length) {
    release();
    throw new CaptureError("no_audio", "there is no sound in what was chosen");
  }
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    if (!context.audioWorklet) throw insecure();
    await context.audioWorklet.addModule(workletUrl);
    context.resume().catch(() => {}); // stays pending where nobody has touched the page yet
    const processorOptions = { sampleRate, channels };
    const node = new AudioWorkletNode(context, "stream-server-capture", { numberOfOutputs: 0, processorOptions });
    return new Capture(streamSource(stream, context, node, release), sampleRate, channels);
  } catch (cause) {
    release();
    await context.close();
    if (cause instanceof CaptureError) throw cause;
    throw new CaptureError("capture_failed", "the sound cannot be listened to", { cause });
  }
}

/**
 * @param {MediaStream} stream
 * @param {AudioContext} context
 * @param {AudioWorkletNode} node
 * @param {() => unknown} release
 * @returns {Source}
 */
function streamSource(stream, context, node, release) {
  const input = context.createMediaStreamSource(stream);
  const [track] = stream.getAudioTracks();
  const stopped = Promise.withResolvers();
  const listening = new AbortController();
  const close = async () => {
    listening.abort();
    node.port.postMessage("stop");
    const timer = setTimeout(() => stopped.resolve(undefined), STOP_MS);
    await stopped.promise;
    clearTimeout(timer);
    input.disconnect();
    release();
    if (context.state !== "closed") await context.close();
  };
  /** @type {Promise<void> | undefined} */
  let closing;
  const stop = () => (closing ??= close()); // a track that ends and a person who stops may meet
  return {
    stream,
    stop,
    begin(sink) {
      const { signal } = listening;
      node.port.onmessage = ({ data }) => (data === "stopped" ? stopped.resolve(undefined) : sink.frame(data));
      const ended = () => stop().then(() => sink.ended("track_ended"));
      track?.addEventListener("ended", ended, { signal });
      if (track?.readyState === "ended") setTimeout(ended); // before we listened
      context.addEventListener("statechange", () => {
        const interrupted = context.state !== "running";
        sink.interrupted(interrupted);
        if (interrupted) context.resume().catch(() => {}); // told again when it runs
      }, { signal });
      navigator.mediaDevices?.addEventListener("devicechange", async () => {
        const devices = await navigator.mediaDevices.enumerateDevices();
        sink.devices(devices.filter(({ kind }) => kind === "audioinput"));
      }, { signal });
      input.connect(node);
    },
  };
}

/**
 * @param {AudioBuffer} sound
 * @param {number} channels
 * @param {boolean} realTime
 * @returns {Source}
 */
function fileSource(sound, channels, realTime) {
  let stopped = false;
  /** @type {Sink} */
  let sink;
  const framer = new Framer({ from: sound.sampleRate, to: sound.sampleRate, channels });
  const inputs = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
  const step = Math.round((sound.sampleRate * FRAME_MS) / 1000);
  return {
    stream: null,
    begin(taker) {
      sink = taker;
    },
    async run(room) {
      const began = performance.now();
      for (let first = 0; first < sound.length && !stopped; first += step) {
        framer.take(inputs.map((input) => input.subarray(first, first + step))).forEach(sink.frame);
        await room().catch((error) => {
          if (!stopped) throw error; // else whoever stopped has ended the client, too
        });
        const early = realTime ? began + ((first + step) / sound.sampleRate) * 1000 - performance.now() : 0;
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      }
      framer.flush().forEach(sink.frame);
      sink.ended(stopped ? "stopped" : "file_ended");
    },
    async stop() {
      stopped = true;
    },
  };
}
