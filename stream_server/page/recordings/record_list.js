/** What was said before, newest first, a page at a time: recordings and live sessions. */

import { recordPage } from "../api/records.js";
import { complain } from "../dom/announcer.js";
import { byId, copyOf, partsOf } from "../dom/element.js";
import { pageLanguage, speech, t } from "../dom/speech.js";
import { position } from "../model/durations.js";
import { writeRoute } from "../model/routes.js";

/** Return what a record is called. */
export function recordTitle(record) {
  return record.label || record.meeting_id || t(`record.kind.${record.kind}`);
}

/** Return what else is known of a record, in a line. */
export function recordFacts(record) {
  const moment = new Date(record.started_at);
  const day = moment.toLocaleString(pageLanguage(), { dateStyle: "medium", timeStyle: "short" });
  const length = record.seconds === null ? t("record.running") : position(record.seconds);
  const language = record.language ? new Intl.DisplayNames([pageLanguage()], { type: "language" }).of(record.language) : null;
  return [t(`record.kind.${record.kind}`), day, length, language].filter(Boolean).join(" · ");
}

export class RecordList {
  #records = [];
  #cursor = null;

  constructor() {
    byId("records-more").addEventListener("click", () => void this.#add());
    speech.addEventListener("change", () => this.#draw());
  }

  /** Show the first page anew. */
  async refresh() {
    try {
      const { records, next_cursor: cursor } = await recordPage(null);
      this.#records = records;
      this.#cursor = cursor;
      this.#draw();
    } catch (error) {
      if (error.status !== 401) complain(error);
    }
  }

  async #add() {
    try {
      const { records, next_cursor: cursor } = await recordPage(this.#cursor);
      const rows = records.map(rowOf);
      this.#records.push(...records);
      this.#cursor = cursor;
      byId("records").append(...rows);
      byId("records-more").hidden = cursor === null;
      rows[0]?.querySelector("a").focus();
    } catch (error) {
      complain(error);
    }
  }

  #draw() {
    byId("records").replaceChildren(...this.#records.map(rowOf));
    byId("records-empty").hidden = this.#records.length > 0;
    byId("records-more").hidden = this.#cursor === null;
  }
}

function rowOf(record) {
  const element = copyOf("record-template");
  const { title, facts } = partsOf(element);
  element.dataset.record = record.id;
  element.dataset.kind = record.kind;
  title.textContent = recordTitle(record);
  title.href = writeRoute("recordings", record.id);
  facts.textContent = recordFacts(record);
  return element;
}
