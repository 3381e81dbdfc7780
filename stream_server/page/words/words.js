/** Say things in the reader's language. Pure: which language it is comes with every call or from `speak`. */

import { en } from "./en.js";
import { id } from "./id.js";

export const LANGUAGES = { en, id };

/** Return the first language of a reader's list that we have words in; English if there is none. */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, code)) return code;
  }
  return "en";
}

/** Return the sentence of a key with its `{values}` filled in; `KEY.one` instead where `count` is one and it exists. */
export function say(language, key, values = {}) {
  const words = LANGUAGES[language];
  const chosen = Number(values.count) === 1 && Object.hasOwn(words, `${key}.one`) ? `${key}.one` : key;
  const sentence = words[chosen] ?? en[chosen] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Tell whether there is a sentence of this key. */
export function isKnown(key) {
  return Object.hasOwn(en, key);
}
