/** Recordings on their way: hand them in, follow, end and repeat them. */

import { EventReader } from "../model/event_stream.js";
import { hasEnded } from "../model/jobs.js";
import { ask, request } from "./server.js";
import { upload } from "./uploads.js";

/** A stream that broke is asked for anew after so long. */
const AGAIN_MS = 2000;

/** Hand in a file with options; resolves with the job. */
export function handIn(file, options, how) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  form.set("file", file, file.name);
  return upload("/v1/recordings", form, how);
}

/** Return the jobs that are not complete, newest first. */
export async function unfinishedJobs() {
  const pages = await Promise.all(
    ["in_progress", "queued", "failed"].map((status) => ask(`/v1/recordings?status=${status}`)),
  );
  return pages.flatMap(({ recordings }) => recordings);
}

/** Return a job; null if there is none of this id. */
export function findJob(id) {
  return ask(`/v1/recordings/${encodeURIComponent(id)}`).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
}

/** Cancel, or retry. */
export function change(id, verb) {
  return ask(`/v1/recordings/${encodeURIComponent(id)}/${verb}`, { method: "POST" });
}

/** Take a job off the list, its medium with it. */
export function removeJob(id) {
  return ask(`/v1/recordings/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Tell of every change of a job until it has ended; a connection that breaks is made again. */
export async function followJob(id, { onJob, signal }) {
  while (!signal.aborted) {
    try {
      const response = await request(`/v1/recordings/${encodeURIComponent(id)}/events`, { signal });
      if (await readJobs(response, onJob)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 400 && error.status < 500) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function readJobs(response, onJob) {
  const reader = new EventReader();
  const texts = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await texts.read();
    if (done) return false;
    for (const { event, data } of reader.read(value)) {
      if (event === "error") return false;
      const job = JSON.parse(data);
      onJob(job);
      if (hasEnded(job.status)) return true;
    }
  }
}
