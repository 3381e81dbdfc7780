/** A record written as somebody else likes it: a text to read and take along; the record stays as it is. */

import { rewritten } from "../api/records.js";
import { byId } from "../dom/element.js";
import { explain } from "../dom/speech.js";
import { copy, save } from "../dom/take_away.js";
import { TextPanel } from "../dom/text_panel.js";
import { fileName, FORMATS } from "../model/files.js";
import { recordTitle } from "./record_list.js";

export class Rewriting {
  #record = null;

  constructor() {
    this.panel = new TextPanel(byId("rewrite-text"), { isApart: true });
    this.panel.details.open = true;
    byId("rewrite-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#write();
    });
    byId("rewrite-copy").addEventListener("click", () => void copy(() => this.#text));
    byId("rewrite-save").addEventListener("click", () => {
      const { started_at: moment } = this.#record;
      save(new Blob([this.#text], { type: FORMATS.txt }), fileName(recordTitle(this.#record), new Date(moment), "txt"));
    });
  }

  /** Offer it for a record; what was chosen for another one goes, and what was written. */
  offer(record, { hasWords }) {
    byId("rewrite").hidden = !hasWords;
    if (record.id !== this.#record?.id) {
      byId("rewrite").open = false;
      this.panel.renew();
      for (const part of ["rewrite-result", "rewrite-error"]) byId(part).hidden = true;
    }
    this.#record = record;
  }

  get #text() {
    return byId("rewrite-written").textContent;
  }

  async #write() {
    const [button, wrong, result] = [byId("rewrite-submit"), byId("rewrite-error"), byId("rewrite-result")];
    const record = this.#record;
    const formatting = this.panel.read();
    if (formatting === null || button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    wrong.hidden = result.hidden = true;
    try {
      const text = await rewritten(record.id, formatting);
      if (record.id !== this.#record.id) return;
      byId("rewrite-written").textContent = text;
      result.hidden = false;
      byId("rewrite-written").focus();
    } catch (error) {
      wrong.textContent = explain(error);
      wrong.hidden = false;
    } finally {
      button.ariaDisabled = "false";
    }
  }
}
