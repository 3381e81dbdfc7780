/** The speakers view: who is known by voice, and how somebody becomes so. */

import { deleteVoice, listVoices } from "../api/voices.js";
import { complain, note } from "../dom/announcer.js";
import { confirmDeletion } from "../dom/confirm.js";
import { byId, copyOf, partsOf } from "../dom/element.js";
import { label, pageLanguage, speech, t } from "../dom/speech.js";
import { markOf } from "../model/speakers.js";
import { Enroll } from "./enroll.js";

export class SpeakersView {
  #voices = [];

  constructor() {
    this.enroll = new Enroll({ onEnrolled: () => void this.enter() });
    speech.addEventListener("change", () => this.#draw());
  }

  /** Show who is known. */
  async enter() {
    try {
      this.#voices = await listVoices();
      this.#draw();
    } catch (error) {
      if (error.status !== 401) complain(error);
    }
  }

  /** The reader goes elsewhere: nobody listens any more. */
  leave() {
    void this.enroll.stop();
  }

  #draw() {
    byId("voices-empty").hidden = this.#voices.length > 0;
    byId("voices").replaceChildren(...this.#voices.map((voice, index) => this.#rowOf(voice, index)));
  }

  #rowOf(voice, index) {
    const element = copyOf("voice-template");
    const { mark, name, facts, remove } = partsOf(element);
    const since = new Date(voice.created_at).toLocaleDateString(pageLanguage(), { dateStyle: "medium" });
    element.dataset.voice = (index % 8) + 1;
    element.dataset.enrolled = voice.speaker_id;
    mark.textContent = markOf(0, voice.name);
    name.textContent = voice.name;
    facts.textContent = voice.needs_enrollment ? t("voice.outdated") : t("voice.since", { day: since });
    facts.classList.toggle("wrong", voice.needs_enrollment);
    remove.textContent = t("common.delete");
    label(remove, "voice.delete", { name: voice.name });
    remove.addEventListener("click", () => void this.#remove(voice));
    return element;
  }

  /** The button that was pressed is gone: the next one, or what stands above the list. */
  #focusNear(index) {
    const rows = byId("voices").children;
    const next = rows[Math.min(index, rows.length - 1)]?.querySelector("button");
    (next ?? byId("voices-title")).focus();
  }

  async #remove(voice) {
    if (!(await confirmDeletion(t("voice.delete.question", { name: voice.name })))) return;
    try {
      await deleteVoice(voice.speaker_id);
      note("voice.deleted", { name: voice.name });
    } catch (error) {
      complain(error);
    }
    const index = this.#voices.indexOf(voice);
    await this.enter();
    this.#focusNear(index);
  }
}
