/** Take files in: they are sent one after the other, and followed until each is a transcript. */

import { change, followJob, handIn, removeJob, unfinishedJobs } from "../api/jobs.js";
import { announce, complain } from "../dom/announcer.js";
import { byId } from "../dom/element.js";
import { t } from "../dom/speech.js";
import { TextPanel } from "../dom/text_panel.js";
import { hasEnded, titleOf } from "../model/jobs.js";
import { JobRow } from "./job_row.js";

export class Intake {
  #sending = Promise.resolve();
  #known = new Map();

  /** @param {{onComplete: () => void}} options */
  constructor({ onComplete }) {
    this.onComplete = onComplete;
    this.text = new TextPanel(byId("upload-text"));
    const [zone, input] = [byId("drop-zone"), byId("upload-files")];
    input.addEventListener("change", () => {
      this.take(input.files);
      input.value = "";
    });
    for (const type of ["dragenter", "dragover"]) {
      zone.addEventListener(type, (event) => {
        event.preventDefault();
        zone.dataset.over = "";
      });
    }
    for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => delete zone.dataset.over);
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files);
    });
  }

  /** Take files in, unless it is not clear how their words are to be written. */
  take(files) {
    const formatting = this.text.read();
    if (formatting === null) return;
    const options = { ...optionsOf(), formatting };
    for (const file of files) this.#takeFile(file, options);
  }

  /** Show what is under way already, wherever it was handed in. */
  async resume() {
    for (const job of await unfinishedJobs()) {
      if (this.#known.has(job.id)) continue;
      const row = this.#rowOf(job.label ?? job.name ?? job.id, () => job.id);
      this.#showJob(row, job);
      if (!hasEnded(job.status)) void this.#follow(row, job.id);
    }
  }

  #takeFile(file, options) {
    const aborting = new AbortController();
    const state = { id: null, retry: () => this.#takeFile(file, options) };
    const row = this.#rowOf(file.name, () => state.id, { aborting, retry: state.retry });
    row.show({ phase: "waiting" });
    this.#sending = this.#sending.then(async () => {
      if (aborting.signal.aborted) return;
      try {
        const onProgress = (sent) => row.show({ phase: "uploading", sent });
        onProgress(0);
        const job = await handIn(file, { label: titleOf(file.name), ...options }, { onProgress, signal: aborting.signal });
        state.id = job.id;
        this.#showJob(row, job);
        void this.#follow(row, job.id);
      } catch (error) {
        if (!aborting.signal.aborted) row.show({ phase: "failed", error });
      }
    });
  }

  #rowOf(name, idOf, { aborting, retry } = {}) {
    const row = new JobRow({ name, onAction: (action) => void this.#act(row, action, { idOf, aborting, retry }) });
    byId("jobs").prepend(row.element);
    return row;
  }

  async #act(row, action, { idOf, aborting, retry }) {
    const id = idOf();
    try {
      if (id === null) {
        aborting.abort();
        this.#forget(row);
        if (action === "retry") retry();
      } else if (action === "remove") {
        await removeJob(id);
        this.#forget(row, id);
      } else {
        this.#showJob(row, await change(id, action));
        if (action === "retry") void this.#follow(row, id);
      }
    } catch (error) {
      complain(error);
    }
  }

  async #follow(row, id) {
    const aborting = new AbortController();
    try {
      await followJob(id, { onJob: (job) => this.#showJob(row, job), signal: aborting.signal });
    } catch (error) {
      row.show({ phase: "failed", id, error });
    }
  }

  #showJob(row, job) {
    const before = this.#known.get(job.id);
    this.#known.set(job.id, job.status);
    row.show({ phase: job.status, id: job.id, progress: job.progress, error: job.error });
    if (job.status !== "complete" || before === "complete") return;
    announce(t("job.announced", { name: row.name }));
    this.onComplete();
  }

  #forget(row, id) {
    const hadFocus = row.element.contains(document.activeElement);
    row.element.remove();
    if (hadFocus) byId("upload-files").focus({ preventScroll: true });
    this.#known.delete(id);
  }
}

function optionsOf() {
  const [language, count] = [byId("upload-language").value, byId("upload-speakers").value];
  return {
    ...(language ? { language } : {}),
    ...(count ? { speaker_count: count } : {}),
    diarize: byId("upload-diarize").checked,
  };
}
