/** Turns on the screen. What has not changed is not touched, so that selections and readers' places stay. */

import { position } from "../model/durations.js";
import { colourOf, markOf } from "../model/speakers.js";
import { copyOf, make, partsOf } from "./element.js";
import { speech, t } from "./speech.js";

/** Return what to call a speaker, with or without a name. */
export function calledName(speakerId, name) {
  if (speakerId === null || speakerId === undefined) return t("speaker.unknown");
  return name || t("speaker.numbered", { number: speakerId });
}

export class TurnList {
  #shown = new Map();
  #turns = [];

  /**
   * @param {HTMLElement} list
   * @param {{onSpeaker: (speakerId: number) => void, fill?: (element: HTMLElement,
   *   piece: import("../model/turns.js").Piece) => void}} options
   *   `fill` writes a piece's words; by itself it is committed text, and tentative text behind it
   */
  constructor(list, { onSpeaker, fill = fillText }) {
    this.list = list;
    this.onSpeaker = onSpeaker;
    this.fill = fill;
    speech.addEventListener("change", () => this.render(this.#turns));
  }

  /** Show these turns and no others. */
  render(turns) {
    this.#turns = turns;
    const gone = new Set(this.#shown.keys());
    let before = null;
    for (const turn of turns) {
      gone.delete(turn.key);
      const shown = this.#shown.get(turn.key) ?? this.#add(turn);
      this.#headOf(shown, turn);
      this.#wordsOf(shown, turn);
      const place = before ? before.nextSibling : this.list.firstChild;
      if (shown.element !== place) this.list.insertBefore(shown.element, place);
      before = shown.element;
    }
    for (const key of gone) {
      this.#shown.get(key).element.remove();
      this.#shown.delete(key);
    }
  }

  #add(turn) {
    const element = copyOf("turn-template");
    const shown = { element, parts: partsOf(element), head: "", speaker: turn.speaker, pieces: new Map() };
    shown.parts.speaker.addEventListener("click", () => {
      if (shown.speaker !== null) this.onSpeaker(shown.speaker);
    });
    this.#shown.set(turn.key, shown);
    return shown;
  }

  #headOf(shown, turn) {
    const { name } = turn;
    const called = calledName(turn.speaker, name);
    const head = `${turn.speaker} ${called} ${Math.floor(turn.start)}`;
    if (head === shown.head) return;
    const { element, parts } = shown;
    shown.head = head;
    shown.speaker = turn.speaker;
    element.dataset.speaker = turn.speaker ?? "";
    element.dataset.voice = colourOf(turn.speaker);
    parts.speaker.disabled = turn.speaker === null;
    parts.mark.textContent = markOf(turn.speaker, name);
    parts.name.textContent = called;
    parts.hint.hidden = turn.speaker === null;
    parts.hint.textContent = t("speaker.edit");
    parts.when.textContent = position(turn.start);
    parts.when.dateTime = `PT${Math.max(0, Math.floor(turn.start))}S`;
  }

  #wordsOf(shown, turn) {
    const gone = new Set(shown.pieces.keys());
    turn.pieces.forEach((piece) => {
      gone.delete(piece.key);
      let known = shown.pieces.get(piece.key);
      if (!known) {
        known = { element: make("span", { dataset: { piece: piece.key } }), piece: null, written: null };
        shown.pieces.set(piece.key, known);
        shown.parts.words.append(known.element, " ");
      }
      if (known.piece === piece) return;
      known.piece = piece;
      const written = `${piece.final} ${piece.text}\n${piece.tentative}`;
      if (known.written === written) return;
      known.written = written;
      known.element.dataset.final = piece.final;
      this.fill(known.element, piece);
    });
    for (const key of gone) {
      shown.pieces.get(key).element.remove();
      shown.pieces.delete(key);
    }
  }
}

function fillText(element, piece) {
  element.replaceChildren(make("span", { className: "said", textContent: piece.text }));
  if (piece.tentative) {
    const space = piece.text ? " " : "";
    element.append(space, make("span", { className: "tentative", textContent: piece.tentative }));
  }
}
