import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { layTurns, LONG_SECONDS, PAUSE_SECONDS, saidIn } = await load("model/turns.js");

const ANA = { id: 1, name: "Ana" };
const BUDI = { id: 2, name: null };

function word(text, start, speaker) {
  return { text, start, end: start + 0.4, speaker };
}

function said(utteranceId, speaker, start, text, words = []) {
  return { utteranceId, speaker, start, end: start + 1, text, stable: text, tentative: "", final: true, words };
}

function texts(turns) {
  return turns.map(({ speaker, pieces }) => [speaker, pieces.map(({ text, tentative }) => [text, tentative].filter(Boolean).join("|")).join(" ")]);
}

test("what one speaker says on end is one turn, in pieces by utterance", () => {
  const turns = layTurns([said("u1", ANA, 0, "Good morning."), said("u2", ANA, 2, "Let us start."), said("u3", BUDI, 4, "Yes.")]);
  assert.deepEqual(texts(turns), [[1, "Good morning. Let us start."], [2, "Yes."]]);
  assert.deepEqual(turns.map(({ key, name, start }) => [key, name, start]), [["u1/0", "Ana", 0], ["u3/0", null, 4]]);
});

test("an utterance is divided where its words' speakers change", () => {
  const words = [word("Ready?", 0, ANA), word("Yes,", 1, BUDI), word("go", 1.5, BUDI), word("on.", 2, BUDI)];
  const turns = layTurns([said("u1", ANA, 0, "Ready? Yes, go on.", words)]);
  assert.deepEqual(texts(turns), [[1, "Ready?"], [2, "Yes, go on."]]);
  assert.equal(turns[1].start, 1);
});

test("text without spaces is divided without spaces", () => {
  const words = [word("はい", 0, ANA), word("そう", 1, BUDI), word("です", 1.5, BUDI)];
  assert.deepEqual(texts(layTurns([said("u1", ANA, 0, "はいそうです", words)])), [[1, "はい"], [2, "そうです"]]);
});

test("a word that is not in the text divides it somewhere inside", () => {
  const words = [word("quarrter", 0, ANA), word("end", 1, BUDI)];
  const pieces = texts(layTurns([said("u1", ANA, 0, "quarter end", words)]));
  assert.equal(pieces.map(([, text]) => text).join(" ").replaceAll(" ", ""), "quarterend");
});

test("words of nobody known belong to whoever says most of the utterance", () => {
  const words = [word("Well", 0, null), word("yes.", 1, ANA)];
  assert.deepEqual(texts(layTurns([said("u1", ANA, 0, "Well yes.", words)])), [[1, "Well yes."]]);
});

test("nobody known is a speaker of its own", () => {
  assert.deepEqual(texts(layTurns([said("u1", null, 0, "One."), said("u2", ANA, 2, "Two.")])), [[null, "One."], [1, "Two."]]);
});

test("tentative text is kept apart, across a change of speakers too", () => {
  const words = [word("Ready?", 0, ANA), word("Yes", 1, BUDI), word("off", 1.5, BUDI)];
  const partial = { ...said("u1", ANA, 0, "Ready? Yes off", words), stable: "Ready? Yes", tentative: "off", final: false };
  const turns = layTurns([partial]);
  assert.deepEqual(texts(turns), [[1, "Ready?"], [2, "Yes|off"]]);
  assert.deepEqual(turns.map(({ final }) => final), [false, false]);
});

test("what is read aloud has the names that the transcript has", () => {
  const words = [word("Ready?", 0, ANA), word("Yes.", 1, BUDI)];
  assert.deepEqual(saidIn(said("u1", ANA, 0, "Ready? Yes.", words)), [
    { speaker: 1, name: "Ana", text: "Ready?" },
    { speaker: 2, name: null, text: "Yes." },
  ]);
  assert.deepEqual(saidIn(said("u1", null, 0, "")), []);
});

test("a key stays while the text grows", () => {
  const first = layTurns([{ ...said("u1", ANA, 0, "Good"), stable: "", final: false }]);
  const later = layTurns([said("u1", ANA, 0, "Good morning.")]);
  assert.equal(first[0].key, later[0].key);
  assert.equal(first[0].pieces[0].key, later[0].pieces[0].key);
});

test("what has not changed is the same piece, so that nobody need look at it again", () => {
  const [first, second] = [said("u1", ANA, 0, "Good morning."), said("u2", ANA, 2, "Let us")];
  const [before] = layTurns([first, second]);
  const [after] = layTurns([first, said("u2", ANA, 2, "Let us start.")]);
  assert.equal(after.pieces[0], before.pieces[0]);
  assert.notEqual(after.pieces[1], before.pieces[1]);
});

test("a long pause begins a paragraph", () => {
  assert.equal(layTurns([said("u1", ANA, 0, "One."), said("u2", ANA, 1 + PAUSE_SECONDS, "Two.")]).length, 2);
});

test("a speech that does not end is divided between utterances", () => {
  const utterances = Array.from({ length: 100 }, (_, index) => said(`u${index}`, ANA, index, "On and on."));
  const turns = layTurns(utterances);
  assert.ok(turns.length > 1);
  for (const turn of turns) assert.ok(turn.end - turn.start <= LONG_SECONDS + 1);
});

test("an utterance without words to show is no turn", () => {
  assert.deepEqual(layTurns([said("u1", ANA, 0, "")]), []);
});

test("hostile text comes out as it went in", () => {
  const text = "<img src=x onerror=alert(1)> \u202Egnp.exe";
  assert.equal(layTurns([said("u1", ANA, 0, text)])[0].pieces[0].text, text);
});

test("hidden words are nobody's turn", () => {
  const words = [word("Yes", 0, ANA), word("", 1, BUDI), word("we", 1.5, ANA)];
  assert.deepEqual(texts(layTurns([said("u1", ANA, 0, "Yes we", words)])), [[1, "Yes we"]]);
});
