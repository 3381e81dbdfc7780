/** Keep the newest words in sight until the reader scrolls up; a button leads back. */

import { byId, hide } from "../dom/element.js";

/** So far from the bottom counts as being there, in pixels. */
const NEAR = 96;

export class Follower {
  #isFollowing = true;
  #lastTop = 0;

  /**
   * @param {HTMLElement} button the way back to now
   * @param {HTMLElement} list what grows: with words, and when what comes into sight turns out to be higher than thought
   */
  constructor(button, list) {
    this.button = button;
    this.isShown = false;
    new ResizeObserver(() => this.#keepUp()).observe(list);
    addEventListener("resize", () => this.#keepUp());
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    button.addEventListener("click", () => this.resume());
  }

  /** Follow from now on. */
  resume() {
    this.#isFollowing = true;
    this.#keepUp();
  }

  /** The captions are shown, from the top of the page, or hidden: scrolling elsewhere, and to that top, says nothing of the reader. */
  show(isShown) {
    this.isShown = isShown;
    this.#lastTop = 0;
    if (isShown) requestAnimationFrame(() => this.#keepUp());
  }

  /** The list has grown or the window shrunk, as a phone's does above its keyboard: show the end if the reader is there. */
  #keepUp() {
    if (!this.isShown) return;
    if (this.#isFollowing) this.#toEnd();
    this.#offer(!this.#isFollowing && distance() > NEAR);
  }

  #scrolled() {
    if (!this.isShown) return;
    if (distance() <= NEAR) this.#isFollowing = true;
    else if (scrollY < this.#lastTop) this.#isFollowing = false;
    this.#lastTop = scrollY;
    this.#offer(!this.#isFollowing);
  }

  #offer(isOffered) {
    if (isOffered) this.button.hidden = false;
    else hide(this.button, byId("content"));
  }

  #toEnd() {
    scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
    this.#lastTop = scrollY;
  }
}

function distance() {
  return document.documentElement.scrollHeight - innerHeight - scrollY;
}
