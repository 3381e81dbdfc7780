/** The panel "Text": how words are to be written. There are several on the page, and all of them hold the one choice. */

import { choiceOf, FIELDS, formattingOf, SECRETS, toldOf, USUAL } from "../model/formatting.js";
import { copyOf, partsOf } from "./element.js";
import { retell, speech, t, tell } from "./speech.js";

const STORED = "stream-server.text";

const SWITCHES = Object.keys(USUAL).filter((name) => typeof USUAL[name] === "boolean");

const panels = [];
let choice = recall();

export class TextPanel {
  /** @param {HTMLElement} place what the panel is put into; has an id */
  constructor(place) {
    this.details = copyOf("text-template");
    this.parts = partsOf(this.details);
    for (const name of [...FIELDS, "wrong"]) this.parts[name].id = `${place.id}-${name}`;
    for (const name of FIELDS) this.#describe(name, place.id);
    this.details.addEventListener("input", () => this.#take());
    panels.push(this);
    speech.addEventListener("change", () => this.#tell());
    place.append(this.details);
    retell(place);
    this.show();
  }

  /** Return what is chosen as the wire has it; null if a line is not clear, and then the panel says which. */
  read() {
    const { formatting, problem } = formattingOf(choice);
    this.#blame(problem?.field ?? null);
    if (problem === null) return formatting;
    tell(this.parts.wrong, problem.key, { line: problem.line });
    this.details.open = true;
    this.parts[problem.field].focus();
    return null;
  }

  /** Show what is chosen, wherever that was. */
  show() {
    for (const name of SWITCHES) this.parts[name].checked = choice[name];
    for (const secret of SECRETS) this.parts[`mask-${secret}`].checked = choice.redact.includes(secret);
    for (const name of FIELDS) this.parts[name].value = choice[name];
    this.#tell();
  }

  /** Keep what was typed last; a panel that is being written in is not written over. */
  #take() {
    const { parts } = this;
    choice = {
      ...Object.fromEntries(SWITCHES.map((name) => [name, parts[name].checked])),
      ...Object.fromEntries(FIELDS.map((name) => [name, parts[name].value])),
      redact: SECRETS.filter((secret) => parts[`mask-${secret}`].checked),
    };
    remember();
    this.#blame(null);
    this.#tell();
    for (const each of panels) if (each !== this) each.show();
  }

  #tell() {
    this.parts["names-field"].hidden = !choice.redact.includes("names");
    this.parts.told.textContent = toldOf(choice).map(({ key, values }) => t(key, values)).join(", ");
  }

  /** Say what is wrong below the field that it is about. */
  #blame(field) {
    const { wrong } = this.parts;
    wrong.hidden = field === null;
    if (field !== null) this.parts[`${field}-hint`].after(wrong);
    for (const name of FIELDS) this.parts[name].setAttribute("aria-invalid", String(name === field));
  }

  /** Join a field to its label, to its hint and to what is wrong with it. */
  #describe(name, prefix) {
    const [area, hint] = [this.parts[name], this.parts[`${name}-hint`]];
    this.parts[`${name}-label`].htmlFor = area.id;
    hint.id = `${prefix}-${name}-hint`;
    area.setAttribute("aria-describedby", `${hint.id} ${this.parts.wrong.id}`);
  }
}

/** Words of a meeting end with the tab, switches stay. */
function remember() {
  const { names, terms, replacements, ...switches } = choice;
  localStorage.setItem(STORED, JSON.stringify(switches));
  sessionStorage.setItem(STORED, JSON.stringify({ names, terms, replacements }));
}

function recall() {
  return choiceOf({ ...storedIn(localStorage), ...storedIn(sessionStorage) });
}

function storedIn(storage) {
  try {
    return JSON.parse(storage.getItem(STORED) ?? "{}");
  } catch {
    return {};
  }
}
