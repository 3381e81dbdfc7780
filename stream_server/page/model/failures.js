/** Which sentence of ours an error is told with. */

/** Errors whose own message says more than a sentence of ours could: it is shown beside it. */
const SPECIFIC = new Set(["invalid_configuration", "unsupported_audio", "recording_too_long", "fetch_failed", "internal_error"]);

/** What `unsuitable_sample` says, told by its first words (stream_server/diarize/enrollment.py). */
const SAMPLE_FAULTS = [
  [/too quiet/, "error.sample_quiet"],
  [/clipped/, "error.sample_clipped"],
  [/no voice/, "error.sample_silent"],
  [/more than one voice/, "error.sample_crowded"],
  [/too little speech/, "error.sample_short"],
];

/** What a browser calls a request that got no answer. */
const UNANSWERED = new Set(["TypeError", "TimeoutError"]);

/**
 * Choose the words for an error.
 *
 * @param {{code?: string, name?: string, message?: string}} error
 * @param {(key: string) => boolean} isKnown whether there is a sentence of this key
 * @returns {{key: string, detail: string}} `detail` is what the server said, where that helps
 */
export function explainFailure(error, isKnown) {
  const code = codeOf(error ?? {});
  const message = error?.message ?? "";
  if (code === "unsuitable_sample") {
    const fault = SAMPLE_FAULTS.find(([pattern]) => pattern.test(message));
    return { key: fault?.[1] ?? "error.unsuitable_sample", detail: "" };
  }
  const key = `error.${code}`;
  if (!isKnown(key)) return { key: "error.unknown", detail: message };
  return { key, detail: SPECIFIC.has(code) ? message : "" };
}

/** Exceptions of the browser have numbers for codes. */
function codeOf({ code, name }) {
  if (UNANSWERED.has(name)) return "unreachable";
  return typeof code === "string" ? code : "unknown";
}
