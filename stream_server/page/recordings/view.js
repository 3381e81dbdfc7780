/** The recordings view: files on their way, what was said before, and one record at a time. */

import { complain } from "../dom/announcer.js";
import { byId } from "../dom/element.js";
import { Intake } from "./intake.js";
import { RecordList } from "./record_list.js";
import { RecordView } from "./record_view.js";

export class RecordingsView {
  constructor() {
    this.list = new RecordList();
    this.intake = new Intake({ onComplete: () => void this.list.refresh() });
    this.record = new RecordView();
  }

  /** The reader comes to the list, or to one record. */
  enter(item) {
    byId("recordings-list").hidden = item !== null;
    byId("record").hidden = item === null;
    if (item !== null) return void this.record.open(item);
    this.record.close();
    void this.list.refresh();
    return void this.intake.resume().catch((error) => error.status === 401 || complain(error));
  }

  /** The reader goes elsewhere: the sound stops, uploads go on. */
  leave() {
    this.record.close();
  }
}
