/** What was said: records, their sound and their end. */

import { findJob, removeJob } from "./jobs.js";
import { ask, request } from "./server.js";

/** Return a page of heads, newest first. */
export function recordPage(cursor) {
  return ask(`/v1/records?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
}

/** Return a whole record. */
export function readRecord(id) {
  return ask(`/v1/records/${encodeURIComponent(id)}`);
}

/** Return a record as text of a form. */
export async function recordAs(id, format) {
  return (await request(`/v1/records/${encodeURIComponent(id)}?format=${format}`)).text();
}

/** Return a record's text, its words written in another way; the record stays as it is. */
export async function rewritten(id, formatting) {
  const json = { record_id: id, options: formatting };
  return (await ask("/v1/format_transcript", { method: "POST", json })).text;
}

/** Delete a record, and the medium that it was made of. */
export async function deleteRecord(record) {
  await ask(`/v1/records/${encodeURIComponent(record.id)}`, { method: "DELETE" });
  if (record.kind === "recording" && (await findJob(record.id))) await removeJob(record.id);
}

/**
 * Return an address at which a record's sound can be played, or null where none was kept.
 *
 * An audio element cannot show a pass: a recording's medium gets a signed address, a live session's sound is fetched.
 */
export async function soundOf(record, track = 0) {
  try {
    if (record.kind === "recording") {
      const job = await findJob(record.id);
      if (!job?.media) return null;
      return (await ask("/v1/generate_signature", { method: "POST", json: { path: job.media } })).media_url;
    }
    const response = await request(`/v1/records/${encodeURIComponent(record.id)}/audio?track=${track}`);
    return URL.createObjectURL(await response.blob());
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}
