/**
 * The panel "Text": how words are to be written. There are several on the page: those of sessions and files hold one
 * choice, which the browser keeps; one that stands apart holds a copy of it.
 */

import { choiceOf, FIELDS, formattingOf, SECRETS, toldOf, USUAL } from "../model/formatting.js";
import { copyOf, partsOf } from "./element.js";
import { hush, retell, speech, t, tell } from "./speech.js";

const STORED = "stream-server.text";

const SWITCHES = Object.keys(USUAL).filter((name) => typeof USUAL[name] === "boolean");

/** What panels say together; a choice is never changed, only replaced. */
const kept = { choice: recall(), panels: [] };

export class TextPanel {
  #held;

  /**
   * @param {HTMLElement} place what the panel is put into; has an id
   * @param {{isApart?: boolean}} [options] whether what is changed in it is for nothing else
   */
  constructor(place, { isApart = false } = {}) {
    this.#held = isApart ? { choice: kept.choice, panels: [] } : kept;
    this.details = copyOf("text-template");
    this.parts = partsOf(this.details);
    for (const name of [...FIELDS, "wrong"]) this.parts[name].id = `${place.id}-${name}`;
    for (const name of FIELDS) {
      this.parts[`${name}-label`].htmlFor = this.parts[name].id;
      this.parts[`${name}-hint`].id = `${place.id}-${name}-hint`;
    }
    this.details.addEventListener("input", () => this.#take());
    this.#held.panels.push(this);
    speech.addEventListener("change", () => this.#tell());
    place.append(this.details);
    retell(place);
    this.show();
  }

  /** Return what is chosen as the wire has it; null if a line is not clear, and then the panel says which. */
  read() {
    const { formatting, problem } = formattingOf(this.#held.choice);
    this.#blame(problem);
    if (problem === null) return formatting;
    this.details.open = true;
    this.parts[problem.field].focus();
    return null;
  }

  /** Begin again with what is chosen for sessions and files. */
  renew() {
    this.#held.choice = kept.choice;
    this.show();
  }

  /** Show what is chosen, wherever that was. */
  show() {
    const { choice } = this.#held;
    for (const name of SWITCHES) this.parts[name].checked = choice[name];
    for (const secret of SECRETS) this.parts[`mask-${secret}`].checked = choice.redact.includes(secret);
    for (const name of FIELDS) this.parts[name].value = choice[name];
    this.#blame(null);
    this.#tell();
  }

  /** Keep what was typed last; a panel that is being written in is not written over. */
  #take() {
    const { parts } = this;
    this.#held.choice = {
      ...Object.fromEntries(SWITCHES.map((name) => [name, parts[name].checked])),
      ...Object.fromEntries(FIELDS.map((name) => [name, parts[name].value])),
      redact: SECRETS.filter((secret) => parts[`mask-${secret}`].checked),
    };
    if (this.#held === kept) remember();
    this.#blame(null);
    this.#tell();
    for (const each of this.#held.panels) if (each !== this) each.show();
  }

  #tell() {
    const { choice } = this.#held;
    this.parts["names-field"].hidden = !choice.redact.includes("names");
    this.parts.told.textContent = toldOf(choice).map(({ key, values }) => t(key, values)).join(", ");
  }

  /** Say what is wrong below the field that it is about, and nowhere else. */
  #blame(problem) {
    const { wrong } = this.parts;
    wrong.hidden = problem === null;
    if (problem === null) hush(wrong);
    else {
      this.parts[`${problem.field}-hint`].after(wrong);
      tell(wrong, problem.key, { line: problem.line });
    }
    for (const name of FIELDS) {
      const [hint, isWrong] = [this.parts[`${name}-hint`].id, name === problem?.field];
      this.parts[name].setAttribute("aria-invalid", String(isWrong));
      this.parts[name].setAttribute("aria-describedby", isWrong ? `${hint} ${wrong.id}` : hint);
    }
  }
}

/** Words of a meeting end with the tab, switches stay. */
function remember() {
  const { names, terms, replacements, ...switches } = kept.choice;
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
