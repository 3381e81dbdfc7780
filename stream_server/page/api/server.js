/** Ask the server; every request carries the pass if there is one. */

import { failureOf } from "./failure.js";
import { freshToken, passChanges } from "./pass.js";

/** Return the headers that a request needs. */
export async function credentials() {
  const token = await freshToken();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** Send a request and return the response; raises a `Failure` unless it is 2xx. */
export async function request(path, { method = "GET", json, body, headers = {}, signal } = {}) {
  const response = await fetch(path, {
    method,
    signal,
    headers: {
      ...(await credentials()),
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: json === undefined ? body : JSON.stringify(json),
  });
  if (response.ok) return response;
  if (response.status === 401) passChanges.dispatchEvent(new Event("wanted"));
  throw await failureOf(response);
}

/** Send a request and return what its answer says. */
export async function ask(path, options) {
  const response = await request(path, options);
  return response.status === 204 ? null : response.json();
}

/** Rename a speaker of a record, or of a session that runs; null takes the name away. */
export function renameSpeaker(recordId, speaker, name) {
  return ask("/v1/update_all_cluster", { method: "POST", json: { record_id: recordId, speaker, name } });
}

/** Say that two speakers of a record are one. */
export function mergeSpeakers(recordId, speaker, into) {
  return ask("/v1/update_all_cluster", { method: "POST", json: { record_id: recordId, speaker, into } });
}
