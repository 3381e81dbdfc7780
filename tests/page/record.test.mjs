import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { spansOf, speakersOf, utterancesOf, wordAt, wordsInOrder } = await load("model/record.js");
const { layTurns } = await load("model/turns.js");

const word = (text, start, speaker) => ({ text, start_seconds: start, end_seconds: start + 0.4, speaker });

const RECORD = {
  speakers: [{ id: 1, name: "Ana" }],
  segments: [
    { utterance_id: "u1", speaker: 1, start_seconds: 0, end_seconds: 2, text: "Good morning.", words: [word("Good", 0, 1), word("morning.", 0.5, 1)] },
    { utterance_id: "u2", speaker: 2, start_seconds: 2, end_seconds: 4, text: "Thank you.", words: [word("Thank", 2, 2), word("you.", 2.5, 2)] },
  ],
};

test("a record becomes turns with names, and words with numbers of their own", () => {
  const utterances = utterancesOf(RECORD);
  assert.deepEqual(layTurns(utterances).map(({ speaker, name }) => [speaker, name]), [[1, "Ana"], [2, null]]);
  assert.deepEqual(wordsInOrder(utterances).map(({ index, text }) => [index, text]), [[0, "Good"], [1, "morning."], [2, "Thank"], [3, "you."]]);
});

test("everybody who speaks is known, named or not", () => {
  assert.deepEqual(speakersOf(RECORD), [{ id: 1, name: "Ana" }, { id: 2, name: null }]);
});

test("a text is divided into words and what stands between, and nothing is lost", () => {
  const words = [{ text: "Good" }, { text: "morning" }, { text: "missing" }, { text: "all" }];
  const text = "“Good morning”, all!";
  const spans = spansOf({ text, words });
  assert.equal(spans.map((span) => span.text).join(""), text);
  assert.deepEqual(spans.filter((span) => span.word).map((span) => span.text), ["Good", "morning", "all"]);
});

test("the word of a time is the last that has begun", () => {
  const words = [{ start: 1 }, { start: 2 }, { start: 3 }];
  assert.equal(wordAt(words, 0.5), null);
  assert.equal(wordAt(words, 1), words[0]);
  assert.equal(wordAt(words, 2.9), words[1]);
  assert.equal(wordAt(words, 99), words[2]);
  assert.equal(wordAt([], 1), null);
});
