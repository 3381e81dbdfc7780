/** Which languages can be spoken, by code; what each is called comes from the browser. */

/** What multilingual Whisper models know (openai/whisper, tokenizer.py), for a server that does not tell its own. */
const WHISPER =
  "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is " +
  "it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl " +
  "sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh";

/** Whisper's own codes that are no language tags. */
const TAGS = { jw: "jv" };

/**
 * Return the codes that a server takes.
 *
 * @param {{languages?: string[], model?: string}} told what `/health/ready` says
 */
export function languagesOf({ languages, model = "" }) {
  if (languages?.length) return languages;
  return /\.en$/.test(model) ? ["en"] : WHISPER.split(" ");
}

/**
 * Return choices, by name; those that the reader's browser is set to come first.
 *
 * @param {string[]} codes
 * @param {{language: string, preferred?: readonly string[]}} reader
 * @returns {{code: string, name: string}[]}
 */
export function languageChoices(codes, { language, preferred = [] }) {
  const names = new Intl.DisplayNames([language], { type: "language" });
  const own = [...new Set(preferred.map((tag) => tag.toLowerCase().split("-")[0]))];
  const rank = (code) => (own.includes(code) ? own.indexOf(code) : own.length);
  return codes
    .map((code) => ({ code, name: capitalised(names.of(TAGS[code] ?? code) ?? code, language) }))
    .sort((a, b) => rank(a.code) - rank(b.code) || a.name.localeCompare(b.name, language));
}

function capitalised(name, language) {
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
