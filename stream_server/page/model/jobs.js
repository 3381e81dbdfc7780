/** What a recording's way to its transcript looks like to a reader. */

/** @typedef {"waiting" | "uploading" | "queued" | "in_progress" | "complete" | "failed" | "cancelled"} Phase */

/** Return which sentence says how far it is. */
export function phaseKey(phase) {
  return `job.${phase}`;
}

/** Return the share of the bar that is full, from 0 to 1, or null where nobody knows. */
export function shareDone({ phase, sent = 0, progress = 0 }) {
  switch (phase) {
    case "uploading":
      return sent;
    case "in_progress":
      return progress;
    case "complete":
      return 1;
    default:
      return null;
  }
}

/** What can be done with it. */
export function actionsOf(phase) {
  switch (phase) {
    case "waiting":
    case "uploading":
    case "queued":
    case "in_progress":
      return ["cancel"];
    case "complete":
      return ["open"];
    default:
      return ["retry", "remove"];
  }
}

/** Tell whether nothing more will happen by itself. */
export function hasEnded(status) {
  return ["complete", "failed", "cancelled"].includes(status);
}

/** Return a title out of a file's name: without the folder and the ending. */
export function titleOf(fileName) {
  const base = fileName.split(/[\\/]/).at(-1);
  return base.replace(/\.[^.]{1,5}$/, "") || base;
}
