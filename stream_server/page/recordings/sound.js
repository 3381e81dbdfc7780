/** A record's sound in the page's player: one address at a time, of the track that is chosen. */

import { soundOf } from "../api/records.js";
import { complain } from "../dom/announcer.js";
import { byId, make } from "../dom/element.js";

export class RecordSound {
  #record = null;
  #load = 0;

  constructor() {
    this.audio = byId("record-audio");
    this.track = byId("record-track");
    this.track.addEventListener("change", () => void this.#fetch());
    this.audio.addEventListener("error", () => void this.#renew());
  }

  /** Offer the sound of a record; of one that still runs there is none yet. */
  async show(record) {
    const isOther = record.id !== this.#record?.id;
    const hasEnded = record.ended_at !== null && this.#record?.ended_at === null;
    this.#record = record;
    if (isOther) this.#offerTracks(record);
    if (isOther || hasEnded) await this.#fetch();
  }

  /** Nothing is played any more. */
  close() {
    this.#record = null;
    this.#load += 1;
    this.audio.pause();
    this.#take(null);
  }

  #offerTracks({ kind, tracks }) {
    this.track.hidden = kind !== "live" || tracks.length < 2;
    this.track.replaceChildren(...tracks.map((name, index) => make("option", { value: String(index), textContent: name })));
  }

  async #fetch() {
    const load = ++this.#load;
    const soundless = byId("record-soundless");
    this.audio.hidden = soundless.hidden = true;
    try {
      const address = await soundOf(this.#record, Number(this.track.value) || 0);
      if (load !== this.#load) return release(address);
      this.audio.hidden = address === null;
      soundless.hidden = address !== null;
      this.#take(address);
    } catch (error) {
      if (load === this.#load) complain(error);
    }
  }

  #take(address) {
    release(this.audio.src);
    if (address) this.audio.src = address;
    else this.audio.removeAttribute("src");
  }

  /** A signed address ends by itself: get another and go on where the sound was; what fails at once is not tried again. */
  async #renew() {
    const at = this.audio.currentTime;
    if (this.#record === null || at === 0) return;
    await this.#fetch();
    this.audio.currentTime = at;
  }
}

/** The bytes of a sound that was fetched stay in memory until they are let go. */
function release(address) {
  if (address?.startsWith("blob:")) URL.revokeObjectURL(address);
}
