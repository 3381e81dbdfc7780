/** Enroll somebody: a name, and a sentence read aloud or a file. */

import { enrollVoice } from "../api/voices.js";
import { byId, hide } from "../dom/element.js";
import { explain, speech, t, tell } from "../dom/speech.js";
import { roundSeconds } from "../model/durations.js";
import { Opening } from "../model/opening.js";
import { LevelMeter } from "../live/level_meter.js";
import { SampleRecorder } from "./sample.js";

/** Somebody who has walked away is not recorded for ever. */
const LONGEST_SECONDS = 60;

const TICK_MS = 250;

export class Enroll {
  #recording = new Opening((recorder) => recorder.capture.stop());
  #isSending = false;
  #meter = new LevelMeter(byId("enroll-level"));
  #timer = 0;

  /** @param {{onEnrolled: () => void}} options */
  constructor({ onEnrolled }) {
    this.onEnrolled = onEnrolled;
    byId("enroll-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#isBusy) return;
      if (this.#recording.state === "open") void this.#finish();
      else void this.#begin();
    });
    byId("enroll-file").addEventListener("change", () => {
      const [file] = byId("enroll-file").files;
      byId("enroll-file").value = "";
      if (file && this.#hasName()) void this.#send(file);
    });
    byId("enroll-cancel").addEventListener("click", () => void this.stop());
    byId("enroll-insecure").hidden = window.isSecureContext;
    byId("enroll-record").disabled = !window.isSecureContext;
    speech.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Stop listening; nothing is kept. */
  async stop() {
    await this.#take()?.capture.stop();
  }

  async #begin() {
    this.#say(null);
    const opening = this.#recording.open(() => SampleRecorder.begin());
    this.#show();
    try {
      const recorder = await opening;
      if (recorder) this.#follow(recorder);
    } catch (error) {
      this.#say("wrong", explain(error));
    }
    this.#show();
  }

  #follow(recorder) {
    recorder.capture.on("level", ({ rms }) => this.#meter.add(rms));
    this.#timer = setInterval(() => {
      byId("enroll-time").textContent = t("enroll.seconds", { seconds: Math.floor(recorder.seconds) });
      if (recorder.seconds > LONGEST_SECONDS) void this.#finish();
    }, TICK_MS);
  }

  async #finish() {
    await this.#send(await this.#take().finish());
  }

  /** Let go of what listens. */
  #take() {
    const recorder = this.#recording.take();
    clearInterval(this.#timer);
    this.#show();
    return recorder;
  }

  async #send(sample) {
    this.#isSending = true;
    this.#show();
    this.#say("", t("enroll.listening"));
    try {
      const { voice, heard } = await enrollVoice(byId("enroll-name").value.trim(), sample);
      this.#say("good", t("enroll.done", { name: voice.name, seconds: roundSeconds(heard.speech_seconds) }));
      byId("enroll-form").reset();
      this.onEnrolled();
    } catch (error) {
      this.#say("wrong", explain(error));
    } finally {
      this.#isSending = false;
      this.#show();
    }
  }

  /** Whether the reader has to wait. */
  get #isBusy() {
    return this.#isSending || this.#recording.state === "opening";
  }

  #hasName() {
    return byId("enroll-form").reportValidity();
  }

  #show() {
    const { state } = this.#recording;
    const isListening = state === "open";
    byId("enroll-listening").hidden = !isListening;
    if (state === "closed") hide(byId("enroll-cancel"), byId("enroll-record"));
    else byId("enroll-cancel").hidden = false;
    byId("enroll-upload").hidden = state !== "closed" || this.#isSending;
    byId("enroll-record").setAttribute("aria-disabled", String(this.#isBusy));
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
