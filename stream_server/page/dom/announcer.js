/** Tell those who listen to the page what they cannot see: one polite live region, and notes that everybody sees. */

import { byId, make } from "./element.js";
import { explain, t } from "./speech.js";

const KEPT = 8;

const NOTE_MS = 6000;

/** Have a screen reader say something when it has finished what it is saying. */
export function announce(text) {
  const region = byId("announcer");
  region.append(make("p", { textContent: text, dir: "auto" }));
  while (region.childElementCount > KEPT) region.firstElementChild.remove();
}

/** Show a sentence of ours for a while. */
export function note(key, values) {
  show(t(key, values), "");
}

/** Show what went wrong, for as long as it takes to read it twice. */
export function complain(error) {
  show(explain(error), "wrong");
}

function show(text, tone) {
  const element = make("p", { className: `note ${tone}`, textContent: text, dir: "auto" });
  byId("notes").append(element);
  setTimeout(() => element.remove(), tone ? 2 * NOTE_MS : NOTE_MS);
}
