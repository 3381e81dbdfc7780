/** One live session: sound from somewhere, a client that sends it, and its end. Knows nothing of the document. */

import { captureDisplay, captureFile, captureMicrophone, StreamClient } from "/client/index.js";

/** What the models listen to; the package resamples. */
const SAMPLE_RATE = 16000;

/**
 * @typedef {{source: "microphone" | "display" | "file", deviceId?: string, file?: File, reduceNoise: boolean,
 *   options: Record<string, unknown>}} Wish
 */

/** Open the source that is wished for; raises the package's `CaptureError`. */
export function openSource({ source, deviceId, file, reduceNoise }) {
  const cleaning = { echoCancellation: reduceNoise, noiseSuppression: reduceNoise, autoGainControl: reduceNoise };
  switch (source) {
    case "display":
      return captureDisplay({ sampleRate: SAMPLE_RATE });
    case "file":
      return captureFile(file, { sampleRate: SAMPLE_RATE, realTime: true });
    default:
      return captureMicrophone({ sampleRate: SAMPLE_RATE, ...(deviceId ? { deviceId } : {}), ...cleaning });
  }
}

export class LiveSession {
  #endingSince = null;

  /**
   * @param {any} capture
   * @param {{options: Record<string, unknown>, token?: () => Promise<string | undefined>}} how
   */
  constructor(capture, { options, token }) {
    this.capture = capture;
    this.needsPass = token !== undefined;
    this.startedAt = new Date();
    this.client = new StreamClient({
      url: location.href,
      token,
      options,
      sampleRate: capture.sampleRate ?? SAMPLE_RATE,
      resumable: true,
    });
    this.client.on("state", ({ state }) => {
      if (state === "closed") void this.capture.stop();
    });
  }

  /** Connect, and send what is heard from now on, until the source ends or fails. */
  async start() {
    const { capture, client } = this;
    for (const end of ["ended", "error"]) capture.on(end, () => void this.stop().catch(() => {}));
    const starting = client.start();
    capture.pipeTo(client);
    try {
      await starting;
    } catch (error) {
      await capture.stop();
      throw error;
    }
  }

  /** For how long the end has been waited for, in milliseconds; null while nobody has stopped. */
  get endingMs() {
    return this.#endingSince === null ? null : Date.now() - this.#endingSince;
  }

  /** Wait no longer; return how many seconds of sound the server may not have heard. */
  giveUp() {
    const { bufferedSeconds } = this.client;
    this.client.abort();
    return bufferedSeconds;
  }

  /** Stop listening, and wait for the last word. */
  async stop() {
    if (this.#endingSince !== null) return;
    this.#endingSince = Date.now();
    await this.capture.stop();
    if (this.client.state !== "closed") await this.client.finish();
  }
}
