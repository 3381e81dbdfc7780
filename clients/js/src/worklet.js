/** The part of capture that runs on the sound's own thread, where a busy page cannot hold it up. */

import { Framer } from "./framer.js";

class CaptureProcessor extends AudioWorkletProcessor {
  #framer;
  #running = true;

  /** @param {{ processorOptions: { sampleRate: number, channels: number } }} options */
  constructor({ processorOptions: { sampleRate: to, channels } }) {
    super();
    this.#framer = new Framer({ from: sampleRate, to, channels });
    this.port.onmessage = () => this.#stop();
  }

  /**
   * @param {Float32Array[][]} inputs
   * @returns {boolean} whether to be called again
   */
  process([input = []]) {
    if (this.#running) this.#post(this.#framer.take(input));
    return this.#running;
  }

  /** Hand over what is left, then say so. */
  #stop() {
    if (this.#running) this.#post(this.#framer.flush());
    this.#running = false;
    this.port.postMessage("stopped");
  }

  /** @param {import("./framer.js").Frame[]} frames */
  #post(frames) {
    for (const frame of frames) this.port.postMessage(frame, [frame.samples.buffer]);
  }
}

registerProcessor("stream-server-capture", CaptureProcessor);
