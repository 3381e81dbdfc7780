/** How a reader wants words written, and what that is on the wire: the `formatting` of `start` and of recordings. */

export const SECRETS = ["numbers", "card", "phone", "email", "nik", "names"];

/**
 * @typedef {object} Choice
 * @property {boolean} numbers whether in figures
 * @property {boolean} punctuation
 * @property {boolean} capitals
 * @property {boolean} noFillers whether "uh" and "um" are left out
 * @property {boolean} noRepairs whether what is said twice by mistake is
 * @property {string[]} redact of `SECRETS`
 * @property {string} names to be masked, one a line
 * @property {string} terms one a line, what it sounds like behind a colon: `Meemo: mimo, me mo`
 * @property {string} replacements one a line: `bos = Bu Ani`
 *
 * @typedef {{field: "names" | "terms" | "replacements", key: string, line: number}} Problem `line` counts from 1
 */

/** What a server does by itself. @type {Readonly<Choice>} */
export const USUAL = Object.freeze({
  numbers: true,
  punctuation: true,
  capitals: true,
  noFillers: false,
  noRepairs: false,
  redact: [],
  names: "",
  terms: "",
  replacements: "",
});

/** What the choice says of a meeting itself: such words are kept no longer than the tab is open. */
export const FIELDS = ["names", "terms", "replacements"];

/** Return a choice out of what was stored, which somebody else may have written. */
export function choiceOf(stored) {
  const found = Object.entries(USUAL).map(([name, usual]) => {
    const value = stored?.[name];
    if (name === "redact") return [name, Array.isArray(value) ? SECRETS.filter((secret) => value.includes(secret)) : []];
    return [name, typeof value === typeof usual ? value : usual];
  });
  return Object.fromEntries(found);
}

/**
 * Return what a choice is on the wire; what is usual is left out. A line that says nothing clear is a problem: what a
 * reader believes masked must not be shown.
 *
 * @param {Choice} choice
 * @returns {{formatting: Record<string, unknown>, problem: Problem | null}}
 */
export function formattingOf(choice) {
  const terms = linesOf(choice.terms).map(readTerm);
  const replacements = linesOf(choice.replacements).map(readReplacement);
  const names = choice.redact.includes("names") ? linesOf(choice.names).map(({ text }) => text) : [];
  const { numbers, punctuation, capitals, noFillers, noRepairs, redact } = choice;
  const all = {
    ...(numbers ? {} : { numbers }),
    ...(punctuation ? {} : { punctuation }),
    ...(capitals ? {} : { capitals }),
    ...(noFillers ? { fillers: false } : {}),
    ...(noRepairs ? { repairs: false } : {}),
    vocabulary: terms.map(({ term }) => term),
    replace: replacements.map(({ replacement }) => replacement),
    redact,
    redact_names: names,
  };
  const said = Object.entries(all).filter(([, value]) => !Array.isArray(value) || value.length);
  return { formatting: Object.fromEntries(said), problem: problemOf({ choice, names, terms, replacements }) };
}

/** Return what is different from usual, as sentences' keys and their values. */
export function toldOf(choice) {
  const masked = choice.redact.length;
  const own = linesOf(choice.terms).length + linesOf(choice.replacements).length;
  return [
    ...(choice.numbers ? [] : [{ key: "text.told.numbers" }]),
    ...(choice.punctuation ? [] : [{ key: "text.told.punctuation" }]),
    ...(choice.capitals ? [] : [{ key: "text.told.capitals" }]),
    ...(choice.noFillers ? [{ key: "text.told.fillers" }] : []),
    ...(choice.noRepairs ? [{ key: "text.told.repairs" }] : []),
    ...(masked ? [{ key: "text.told.masked", values: { count: masked } }] : []),
    ...(own ? [{ key: "text.told.own", values: { count: own } }] : []),
  ];
}

function problemOf({ choice, names, terms, replacements }) {
  if (choice.redact.includes("names") && names.length === 0) return { field: "names", key: "text.wrong.names", line: 1 };
  const term = terms.find(({ term: { text } }) => !text);
  if (term) return { field: "terms", key: "text.wrong.term", line: term.line };
  const replacement = replacements.find(({ isWhole }) => !isWhole);
  return replacement ? { field: "replacements", key: "text.wrong.replacement", line: replacement.line } : null;
}

function linesOf(text) {
  return text
    .split("\n")
    .map((line, index) => ({ text: line.trim(), line: index + 1 }))
    .filter((line) => line.text);
}

/** Times and addresses have colons, too: one that parts a term stands before a blank or at the end. */
function readTerm({ text: whole, line }) {
  const [, text, rest = ""] = /^(.*?)(?::(\s.*)?)?$/.exec(whole);
  const sounds = rest.split(",").map((form) => form.trim()).filter(Boolean);
  return { line, term: { text: text.trim(), ...(sounds.length ? { sounds_like: sounds } : {}) } };
}

/** An arrow does as well; what stands for nothing takes a word away. */
function readReplacement({ text, line }) {
  const [, find, replace] = /^(.*?)\s*(?:[-=]+>|[=→⇒])\s*(.*)$/.exec(text) ?? [null, "", ""];
  return { line, isWhole: find !== "", replacement: { find, replace } };
}
