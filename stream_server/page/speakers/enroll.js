/** Enroll somebody: a name, and a sentence read aloud or a file. */

import { enrollVoice } from "../api/voices.js";
import { byId } from "../dom/element.js";
import { explain, speech, t, tell } from "../dom/speech.js";
import { roundSeconds } from "../model/durations.js";
import { LevelMeter } from "../live/level_meter.js";
import { SampleRecorder } from "./sample.js";

/** Somebody who has walked away is not recorded for ever. */
const LONGEST_SECONDS = 60;

export class Enroll {
  #recorder = null;
  #meter = new LevelMeter(byId("enroll-level"));
  #timer = 0;

  /** @param {{onEnrolled: () => void}} options */
  constructor({ onEnrolled }) {
    this.onEnrolled = onEnrolled;
    byId("enroll-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#recorder) void this.#finish();
      else void this.#begin();
    });
    byId("enroll-file").addEventListener("change", () => {
      const [file] = byId("enroll-file").files;
      byId("enroll-file").value = "";
      if (file && this.#hasName()) void this.#send(file);
    });
    byId("enroll-cancel").addEventListener("click", () => void this.stop());
    if (!window.isSecureContext) {
      byId("enroll-record").disabled = true;
      byId("enroll-insecure").hidden = false;
    }
    speech.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Stop listening; nothing is kept. */
  async stop() {
    const recorder = this.#recorder;
    this.#recorder = null;
    clearInterval(this.#timer);
    this.#show();
    await recorder?.capture.stop();
  }

  async #begin() {
    this.#say(null);
    try {
      this.#recorder = await SampleRecorder.begin();
    } catch (error) {
      return this.#say("wrong", explain(error));
    }
    this.#recorder.capture.on("level", ({ rms }) => this.#meter.add(rms));
    this.#timer = setInterval(() => {
      byId("enroll-time").textContent = t("enroll.seconds", { seconds: Math.floor(this.#recorder.seconds) });
      if (this.#recorder.seconds > LONGEST_SECONDS) void this.#finish();
    }, 250);
    return this.#show();
  }

  async #finish() {
    const recorder = this.#recorder;
    this.#recorder = null;
    clearInterval(this.#timer);
    this.#show();
    await this.#send(await recorder.finish());
  }

  async #send(sample) {
    byId("enroll-record").disabled = true;
    this.#say("", t("enroll.listening"));
    try {
      const { voice, heard } = await enrollVoice(byId("enroll-name").value.trim(), sample);
      this.#say("good", t("enroll.done", { name: voice.name, seconds: roundSeconds(heard.speech_seconds) }));
      byId("enroll-form").reset();
      this.onEnrolled();
    } catch (error) {
      this.#say("wrong", explain(error));
    } finally {
      byId("enroll-record").disabled = !window.isSecureContext;
    }
  }

  #hasName() {
    return byId("enroll-form").reportValidity();
  }

  #show() {
    const isListening = this.#recorder !== null;
    byId("enroll-listening").hidden = !isListening;
    byId("enroll-cancel").hidden = !isListening;
    byId("enroll-upload").hidden = isListening;
    byId("enroll-record").className = isListening ? "stop" : "primary";
    tell(byId("enroll-record"), isListening ? "enroll.finish" : "enroll.record");
    byId("enroll-time").textContent = "";
    this.#meter.clear();
  }

  #say(tone, text = "") {
    const result = byId("enroll-result");
    result.hidden = tone === null;
    result.className = tone ?? "";
    result.textContent = text;
  }
}
