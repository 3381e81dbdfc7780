/** The page's own words in the document: `data-t` names the sentence, `data-t-label` that of the accessible name. */

import { chooseLanguage, isKnown, LANGUAGES, say } from "../words/words.js";
import { explainFailure } from "../model/failures.js";

const STORED = "stream-server.language";

let language = chooseLanguage([localStorage.getItem(STORED) ?? "", ...navigator.languages]);

/** Tells of `change`: whoever writes sentences without `data-t` writes them anew. */
export const speech = new EventTarget();

/** Return the language of the page. */
export function pageLanguage() {
  return language;
}

/** Return a sentence in the page's language. */
export function t(key, values) {
  return say(language, key, values);
}

/** Have an element say a sentence, now and in any language that is chosen later. */
export function tell(element, key, values) {
  element.dataset.t = key;
  if (values) element.dataset.tValues = JSON.stringify(values);
  else delete element.dataset.tValues;
  element.textContent = t(key, values);
  return element;
}

/** Have an element say nothing. */
export function hush(element) {
  delete element.dataset.t;
  delete element.dataset.tValues;
  element.textContent = "";
}

/** Name an element for those who do not see it. */
export function label(element, key, values) {
  element.dataset.tLabel = key;
  if (values) element.dataset.tValues = JSON.stringify(values);
  element.setAttribute("aria-label", t(key, values));
  return element;
}

/** Return an error in words that people understand. */
export function explain(error) {
  const { key, detail } = explainFailure(error, isKnown);
  return detail ? `${t(key)} (${detail})` : t(key);
}

/** Write every sentence below an element in the page's language. */
export function retell(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t, values(element));
  }
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel, values(element)));
  }
}

/** Speak another language from now on. */
export function speak(code) {
  if (!Object.hasOwn(LANGUAGES, code)) return;
  language = code;
  localStorage.setItem(STORED, code);
  show();
}

/** Write the document in the page's language. */
export function show() {
  document.documentElement.lang = language;
  retell();
  speech.dispatchEvent(new Event("change"));
}

function values(element) {
  return element.dataset.tValues ? JSON.parse(element.dataset.tValues) : undefined;
}
