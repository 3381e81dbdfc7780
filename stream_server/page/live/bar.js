/** The bar below the captions: the state of the connection, the level, the time, and what can be done. */

import { passState } from "../api/pass.js";
import { describeConnection, offeredBy } from "../model/connection.js";
import { position } from "../model/durations.js";
import { byId, showOne } from "../dom/element.js";
import { tell } from "../dom/speech.js";
import { LevelMeter } from "./level_meter.js";

/** Quieter than this for so long is no pause: nothing comes in. */
const SILENT_PEAK = 0.0005;
const SILENT_MS = 8000;

const TICK_MS = 500;

export class Bar {
  #meter = new LevelMeter(byId("level"));
  #timer = 0;
  #heardAt = 0;
  #startedAt = 0;
  #said = "";

  /** Show a session from its beginning. */
  begin(session) {
    this.session = session;
    this.#startedAt = this.#heardAt = Date.now();
    this.#meter.clear();
    session.capture.on("level", ({ rms, peak }) => {
      if (peak > SILENT_PEAK) this.#heardAt = Date.now();
      this.#meter.add(rms);
    });
    for (const type of ["state", "buffered", "lag", "final"]) session.client.on(type, () => this.show());
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.show(), TICK_MS);
    this.show();
  }

  /** Show how things are. */
  show() {
    const { client, endingMs, needsPass } = this.session;
    const { state, lagMs, bufferedSeconds } = client;
    const isOver = state === "closed";
    const silent = state === "open" && Date.now() - this.#heardAt > SILENT_MS;
    const { tone, key, values } = describeConnection({
      ...{ state, lagMs, bufferedSeconds },
      lacksKey: needsPass && !passState().signedIn,
    });
    const bar = byId("live-bar");
    bar.dataset.state = state;
    bar.dataset.tone = silent ? "behind" : tone;
    this.#say(silent ? "live.silent" : key, silent ? {} : values);
    if (!isOver && state !== "finishing") byId("elapsed").textContent = position((Date.now() - this.#startedAt) / 1000);
    const offered = offeredBy({ state, endingMs });
    byId("stop").setAttribute("aria-disabled", String(offered === "finishing"));
    const shown = { give_up: "give-up", again: "again" }[offered] ?? "stop";
    showOne(["stop", "give-up", "again"].map(byId), byId(shown));
    byId("open-record").hidden = !isOver || !client.sessionId;
    if (!isOver) return;
    clearInterval(this.#timer);
    this.#meter.clear();
  }

  /** Show it as it changes; read it aloud when it becomes another, not with every second that it counts. */
  #say(key, values) {
    tell(byId("connection"), key, values);
    if (key === this.#said) return;
    this.#said = key;
    tell(byId("connection-told"), key, values);
  }
}
