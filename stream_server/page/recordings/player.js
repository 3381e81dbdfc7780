/** Sound that the words follow: the word that is said is marked, and a word that is clicked is played. */

import { wordAt } from "../model/record.js";

/** Of one word, how much earlier it is played: a beginning that is cut off is not understood. */
const BEFORE_SECONDS = 0.05;

export class Player {
  #words = [];
  #now = null;
  #frame = 0;

  /** @param {{audio: HTMLAudioElement, list: HTMLElement}} parts */
  constructor({ audio, list }) {
    this.audio = audio;
    this.list = list;
    for (const type of ["play", "seeked", "timeupdate"]) audio.addEventListener(type, () => this.#follow());
    list.addEventListener("click", (event) => {
      const index = event.target.closest("[data-word]")?.dataset.word;
      if (index === undefined || !getSelection().isCollapsed) return;
      this.#play(this.#words.find((word) => word.index === Number(index)));
    });
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Take what is played from now on; words in order of their start. */
  take(words) {
    this.#words = words;
    this.#mark(null);
  }

  /** Play from somewhere on. */
  playFrom(seconds) {
    if (!this.audio.src) return;
    this.audio.currentTime = Math.max(0, seconds);
    void this.audio.play().catch(() => {});
  }

  #play(word) {
    if (!word) return;
    this.#mark(word);
    this.playFrom(word.start - BEFORE_SECONDS);
  }

  #key(event) {
    if (event.target !== this.list || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 };
    if (event.key in moves) {
      event.preventDefault();
      const at = this.#words.indexOf(this.#now) + moves[event.key];
      const word = this.#words[Math.min(Math.max(at, 0), this.#words.length - 1)];
      if (!word) return;
      this.#mark(word);
      if (this.audio.src) this.audio.currentTime = Math.max(0, word.start);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (!this.audio.src) return;
      if (this.audio.paused) void this.audio.play().catch(() => {});
      else this.audio.pause();
    }
  }

  #follow() {
    cancelAnimationFrame(this.#frame);
    this.#mark(wordAt(this.#words, this.audio.currentTime + BEFORE_SECONDS));
    if (!this.audio.paused && !document.hidden) this.#frame = requestAnimationFrame(() => this.#follow());
  }

  #mark(word) {
    if (word === this.#now) return;
    this.list.querySelector(".now")?.classList.remove("now");
    this.#now = word;
    const element = word && this.list.querySelector(`[data-word="${word.index}"]`);
    if (!element) return;
    element.classList.add("now");
    if (!isInSight(element)) element.scrollIntoView({ block: "center", behavior: "instant" });
  }
}

function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top > 140 && bottom < innerHeight - 40;
}
