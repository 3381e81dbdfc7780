/** Send a file and see how much of it has left: `fetch` cannot tell that, `XMLHttpRequest` can. */

import { Failure, failureFrom } from "./failure.js";
import { passChanges } from "./pass.js";
import { credentials } from "./server.js";

/**
 * @param {string} path
 * @param {FormData} form
 * @param {{onProgress: (share: number) => void, signal: AbortSignal}} options
 * @returns {Promise<any>} what the answer says; rejects with a `Failure`
 */
export async function upload(path, form, { onProgress, signal }) {
  const headers = await credentials();
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
    sending.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    sending.addEventListener("load", () => {
      if (sending.status >= 200 && sending.status < 300) return resolve(JSON.parse(sending.responseText));
      if (sending.status === 401) passChanges.dispatchEvent(new Event("wanted"));
      return reject(failureFrom(sending.status, sending.responseText));
    });
    sending.addEventListener("error", () => reject(new Failure({ status: 0, code: "unreachable", message: "" })));
    sending.addEventListener("abort", () => reject(new Failure({ status: 0, code: "aborted", message: "" })));
    signal.addEventListener("abort", () => sending.abort());
    if (signal.aborted) return sending.abort();
    return sending.send(form);
  });
}
