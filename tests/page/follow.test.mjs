import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { load } from "./page.mjs";

/** A window of 800 pixels on a page of 5000, with nothing in it. */
const heard = {};
const frames = [];
const grown = [];
const button = { hidden: true, contains: () => false, addEventListener: (_, pressed) => (button.press = pressed) };
Object.assign(globalThis, {
  innerHeight: 800,
  document: { documentElement: { scrollHeight: 5000 }, getElementById: () => ({ focus() {} }) },
  addEventListener: (type, told) => (heard[type] = told),
  ResizeObserver: class {
    constructor(told) {
      grown.push(told);
    }
    observe() {}
  },
  requestAnimationFrame: (drawn) => frames.push(drawn),
  scrollTo: ({ top }) => (globalThis.scrollY = Math.min(top, document.documentElement.scrollHeight - innerHeight)),
});

const { Follower } = await load("live/follow.js");

/** Scroll as a reader does. */
function scrollUpTo(top) {
  globalThis.scrollY = top;
  heard.scroll();
}

let follower;
beforeEach(() => {
  globalThis.scrollY = 0;
  follower = new Follower(button, {});
  follower.show(true);
  grown.at(-1)();
});

test("the newest words stay in sight until the reader scrolls up", () => {
  assert.equal(scrollY, 4200);
  scrollUpTo(3000);
  grown.at(-1)();
  assert.deepEqual([scrollY, button.hidden], [3000, false]);
  button.press();
  assert.deepEqual([scrollY, button.hidden], [4200, true]);
});

test("what turns out to be higher than thought moves whoever reads the newest words, and nobody else", () => {
  document.documentElement.scrollHeight = 5300;
  grown.at(-1)();
  assert.equal(scrollY, 4500);
  scrollUpTo(3000);
  document.documentElement.scrollHeight = 5600;
  grown.at(-1)();
  assert.deepEqual([scrollY, button.hidden], [3000, false]);
  document.documentElement.scrollHeight = 5000;
});

test("a window that shrinks takes nothing from whoever reads the newest words, and moves nobody else", () => {
  globalThis.innerHeight = 500;
  heard.resize();
  assert.equal(scrollY, 4500);
  scrollUpTo(3000);
  globalThis.innerHeight = 400;
  heard.resize();
  assert.deepEqual([scrollY, button.hidden], [3000, false]);
  globalThis.innerHeight = 800;
});

test("coming back to the view is no scrolling up", () => {
  follower.show(false);
  globalThis.scrollY = 0;
  follower.show(true);
  scrollUpTo(0);
  frames.at(-1)();
  assert.deepEqual([scrollY, button.hidden], [4200, true]);
});
