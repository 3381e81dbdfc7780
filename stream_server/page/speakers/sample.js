/** A sentence spoken into the microphone, as a WAV file. */

import { captureMicrophone } from "/client/index.js";

import { wavOf } from "../model/wav.js";

const SAMPLE_RATE = 16000;

/** A sample is heard as it is: what cleans speech for calls changes voices. */
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

export class SampleRecorder {
  #pieces = [];
  #samples = 0;

  /** @param {any} capture */
  constructor(capture) {
    this.capture = capture;
    capture.pipeTo({
      send: (samples) => {
        this.#pieces.push(samples.slice());
        this.#samples += samples.length;
        return true;
      },
      drained: () => Promise.resolve(),
    });
  }

  /** Begin to listen; raises the package's `CaptureError`. */
  static async begin() {
    return new SampleRecorder(await captureMicrophone({ sampleRate: SAMPLE_RATE, ...AS_IT_IS }));
  }

  /** Seconds that were heard so far. */
  get seconds() {
    return this.#samples / SAMPLE_RATE;
  }

  /** Stop, and return what was heard. */
  async finish() {
    await this.capture.stop();
    return new Blob([wavOf(this.#pieces, SAMPLE_RATE)], { type: "audio/wav" });
  }
}
