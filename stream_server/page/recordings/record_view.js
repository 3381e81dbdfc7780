/** One record: who said what, the sound beside it, and what can be done with it. */

import { deleteRecord, readRecord, recordAs } from "../api/records.js";
import { ask } from "../api/server.js";
import { complain, note } from "../dom/announcer.js";
import { confirmDeletion } from "../dom/confirm.js";
import { byId, make } from "../dom/element.js";
import { askWho } from "../dom/speaker_dialog.js";
import { explain, speech, t } from "../dom/speech.js";
import { offerToTakeAway } from "../dom/take_away.js";
import { TurnList } from "../dom/turn_list.js";
import { spansOf, speakersOf, utterancesOf, wordsInOrder } from "../model/record.js";
import { writeRoute } from "../model/routes.js";
import { layTurns } from "../model/turns.js";
import { Player } from "./player.js";
import { recordFacts, recordTitle } from "./record_list.js";
import { Rewriting } from "./rewrite.js";
import { RecordSound } from "./sound.js";

/** A session that still runs is looked at again after so long. */
const AGAIN_MS = 4000;

export class RecordView {
  #record = null;
  #wanted = null;
  #loads = 0;
  #timer = 0;

  constructor() {
    this.sound = new RecordSound();
    this.rewriting = new Rewriting();
    this.player = new Player({ audio: byId("record-audio"), list: byId("record-turns") });
    this.turns = new TurnList(byId("record-turns"), {
      onSpeaker: (speaker) => this.#askWho(speaker),
      fill: fillWords,
    });
    offerToTakeAway({
      copy: byId("record-copy"),
      menu: byId("record-download"),
      textOf: (format) => recordAs(this.#record.id, format),
      titleOf: () => ({ title: recordTitle(this.#record), moment: new Date(this.#record.started_at) }),
    });
    byId("record-delete").addEventListener("click", () => void this.#delete());
    byId("record-recognise").addEventListener("click", () => void this.#recognise());
    speech.addEventListener("change", () => this.#record && this.#head());
  }

  /** Show the record of an id. */
  async open(id) {
    this.close();
    this.#wanted = id;
    byId("record-title").textContent = t("common.loading");
    for (const part of ["record-facts", "record-wrong"]) byId(part).textContent = "";
    byId("record-body").hidden = true;
    await this.#load();
  }

  /** Nothing is shown any more. */
  close() {
    this.#wanted = this.#record = null;
    this.#loads += 1;
    clearTimeout(this.#timer);
    this.sound.close();
    this.turns.render([]);
  }

  async #load() {
    const id = this.#wanted;
    if (id === null) return;
    const load = ++this.#loads;
    clearTimeout(this.#timer);
    try {
      const record = await readRecord(id);
      if (load !== this.#loads) return;
      this.#record = record;
    } catch (error) {
      if (load !== this.#loads) return;
      if (this.#record === null || error.status === 404) return this.#miss(error);
      if (this.#record.ended_at !== null) return complain(error);
    }
    this.#draw();
    if (this.#record.ended_at === null) this.#timer = setTimeout(() => void this.#load(), AGAIN_MS);
  }

  #miss(error) {
    byId("record-title").textContent = t("record.missing");
    byId("record-wrong").textContent = explain(error);
  }

  #head() {
    byId("record-title").textContent = recordTitle(this.#record);
    byId("record-facts").textContent = recordFacts(this.#record);
  }

  #draw() {
    const record = this.#record;
    const utterances = utterancesOf(record);
    this.#head();
    byId("record-body").hidden = false;
    byId("record-silent").hidden = utterances.length > 0;
    this.rewriting.offer(record, { hasWords: utterances.length > 0 });
    byId("record-recognise").hidden = speakersOf(record).length === 0;
    this.turns.render(layTurns(utterances));
    this.player.take(wordsInOrder(utterances));
    void this.sound.show(record);
  }

  #askWho(speaker) {
    askWho({ recordId: this.#record.id, speaker, speakers: speakersOf(this.#record), onSaved: () => void this.#load() });
  }

  async #recognise() {
    try {
      const { speakers } = await ask("/v1/recognize_speakers", { method: "POST", json: { record_id: this.#record.id } });
      note("record.recognised", { count: speakers.filter(({ speaker_id: voice }) => voice).length });
      await this.#load();
    } catch (error) {
      complain(error);
    }
  }

  async #delete() {
    if (!(await confirmDeletion(t("record.delete.question", { name: recordTitle(this.#record) })))) return;
    try {
      await deleteRecord(this.#record);
      note("record.deleted");
      location.hash = writeRoute("recordings");
    } catch (error) {
      complain(error);
    }
  }
}

function fillWords(element, piece) {
  element.replaceChildren(
    ...spansOf(piece).map(({ text, word }) =>
      word ? make("span", { className: "word", textContent: text, dataset: { word: word.index } }) : text,
    ),
  );
}
