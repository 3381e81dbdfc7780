/** Enrolled voices. */

import { ask } from "./server.js";

/** Return all that the pass reaches. */
export async function listVoices() {
  return (await ask("/v1/speakers")).speakers;
}

/** Have a voice learned from a sample; raises `unsuitable_sample` where it is not good enough. */
export async function enrollVoice(name, sample) {
  const headers = { "Content-Type": sample.type || "application/octet-stream" };
  const heard = await ask("/v1/enroll_audio", { method: "POST", body: sample, headers });
  const voice = await ask("/v1/enroll", { method: "POST", json: { name, audio_ids: [heard.audio_id] } });
  return { voice, heard };
}

/** Forget a voice. */
export function deleteVoice(id) {
  return ask(`/v1/speakers/${encodeURIComponent(id)}`, { method: "DELETE" });
}
