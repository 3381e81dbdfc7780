import assert from "node:assert/strict";
import { test } from "node:test";

import { Transcript } from "../src/transcript.js";

const ADA = { id: 1, name: "Ada", confidence: 0.9 };
const TWO = { id: 2, confidence: 0.8 };

function ready(sessionId = "s-1", tracks = ["track 1"]) {
  return { type: "ready", session_id: sessionId, sample_rate: 16_000, tracks };
}

function word(text, start, speaker, end = start + 0.4) {
  return { text, start_seconds: start, end_seconds: end, confidence: 1, ...(speaker ? { speaker } : {}) };
}

function final(id, words, { speaker = words[0].speaker ?? null, track = 0 } = {}) {
  const text = words.map((each) => each.text).join(" ");
  return { type: "final", sequence: 1, track, speaker, utterance_id: id, start_seconds: words[0].start_seconds, end_seconds: words.at(-1).end_seconds, text, words, language: "en", lag_ms: 1 };
}

function partial(id, stable, tentative, { speaker = null, start = 0, track = 0 } = {}) {
  const text = (words) => words.map((each) => each.text).join(" ");
  return { type: "partial", last_sequence: 0, track, speaker, utterance_id: id, start_seconds: start, end_seconds: start + 1, stable_text: text(stable), tentative_text: text(tentative), stable, tentative, language: "en", lag_ms: 1 };
}

function told(...messages) {
  const transcript = new Transcript();
  for (const message of [ready(), ...messages]) transcript.apply(message);
  return transcript;
}

test("a partial is replaced by the next, and by its final, after which none comes", () => {
  const transcript = told(partial("u1", [word("Good", 0)], [word("mourning", 0.5)]));
  assert.deepEqual(pick(transcript.utterances[0]), { text: "Good mourning", stable: "Good", tentative: "mourning", final: false });
  assert.equal(transcript.apply(final("u1", [word("Good", 0), word("morning.", 0.5)])), "u1");
  assert.equal(transcript.apply(partial("u1", [], [word("late", 0)])), undefined);
  assert.deepEqual(pick(transcript.utterances[0]), { text: "Good morning.", stable: "Good morning.", tentative: "", final: true });
});

function pick({ text, stable, tentative, final: done }) {
  return { text, stable, tentative, final: done };
}

test("what turns out to be nothing vanishes", () => {
  const transcript = told(partial("u1", [], [word("uh", 0)]));
  assert.equal(transcript.apply({ type: "nothing_said", track: 0, utterance_id: "u1" }), "u1");
  assert.equal(transcript.utterances.length, 0);
});

test("utterances stand in the order of time, whatever order they come in", () => {
  const transcript = told(final("u2", [word("later", 5)]), final("u1", [word("earlier", 1)], { track: 1 }));
  assert.deepEqual(transcript.utterances.map(({ utteranceId }) => utteranceId), ["u1", "u2"]);
});

test("partials are void when the sound is recognised again, and stay when it is not", () => {
  const transcript = told(final("u1", [word("done", 0)]), partial("u2", [], [word("maybe", 2)], { start: 2 }));
  assert.equal(transcript.apply({ type: "resumed", recognised_again: false }), undefined);
  assert.equal(transcript.utterances.length, 2);
  assert.equal(transcript.apply({ type: "resumed", recognised_again: true }), null);
  assert.deepEqual(transcript.utterances.map(({ utteranceId }) => utteranceId), ["u1"]);
});

test("turns are split where the words' speakers change, and one speaker's neighbours joined", () => {
  const transcript = told(final("u1", [word("Hello.", 0, ADA), word("Hi", 1, TWO)]), final("u2", [word("there.", 2, TWO)]), partial("u3", [word("So", 3, TWO)], [word("we", 3.5, TWO)], { speaker: TWO, start: 3 }));
  assert.deepEqual(
    transcript.turns().map(({ speaker, text, tentative, utteranceIds, final: done }) => [speaker.id, text, tentative, utteranceIds, done]),
    [[1, "Hello.", "", ["u1"], true], [2, "Hi there. So", "we", ["u1", "u2", "u3"], false]],
  );
});

test("turns of nobody are not joined", () => {
  assert.equal(told(final("u1", [word("one", 0)]), final("u2", [word("two", 1)])).turns().length, 2);
});

test("a partial whose words change speakers is split in its stable and its tentative words", () => {
  const transcript = told(partial("u1", [word("a", 0, ADA)], [word("b", 1, ADA), word("c", 2, TWO)]));
  assert.deepEqual(transcript.turns().map(({ text, tentative }) => [text, tentative]), [["a", "b"], ["", "c"]]);
});

test("speakers are called by name where one is known", () => {
  const transcript = told(final("u1", [word("Hello.", 0, ADA), word("Hi", 1, TWO)]));
  assert.equal(transcript.speakerName(1), "Ada");
  assert.equal(transcript.speakerName(TWO), "Speaker 2");
  assert.equal(transcript.speakerName(2, { fallback: "Pembicara" }), "Pembicara 2");
  assert.equal(transcript.speakerName(null), "");
});

test("an utterance that changes is another object, and one that does not stays", () => {
  const transcript = told(final("u1", [word("Yes", 0, ADA)]), partial("u2", [], [word("no", 1)]));
  const [before] = transcript.utterances;
  transcript.apply(final("u2", [word("No.", 1, TWO)]));
  assert.equal(transcript.utterances[0], before);
  for (const change of [{ names: [{ id: 1, name: "Ana" }], changes: [] }, { names: [], changes: [{ utterance_id: "u1", first: 0, stop: 1, speaker: 2 }] }]) {
    const [now] = transcript.utterances;
    const kept = structuredClone(now);
    transcript.apply({ type: "revision", sequence: 2, reason: "renamed", merged: [], ...change });
    assert.notDeepEqual(transcript.utterances[0], now);
    assert.deepEqual(now, kept);
  }
});

test("a revision merges, changes and names, and merges what comes later, too", () => {
  const transcript = told(final("u1", [word("a", 0, ADA), word("b", 1, TWO), word("c", 2, TWO)]), final("u2", [word("d", 3, { id: 3, confidence: 1 })]));
  transcript.apply({ type: "revision", sequence: 3, reason: "second_look", merged: [{ old: 3, new: 2 }], changes: [{ utterance_id: "u1", first: 0, stop: 1, speaker: 2 }], names: [{ id: 2, name: "Budi" }] });
  assert.deepEqual(transcript.utterances.map(({ speaker }) => speaker.name), ["Budi", "Budi"]);
  assert.deepEqual(transcript.utterances[0].words.map(({ speaker }) => speaker.id), [2, 2, 2]);
  transcript.apply(final("u3", [word("e", 5, { id: 3, confidence: 1 })]));
  assert.deepEqual(transcript.utterances[2].speaker, { id: 2, name: "Budi", confidence: 1 });
  transcript.apply({ type: "revision", sequence: 4, reason: "renamed", merged: [], changes: [], names: [{ id: 2, name: null }] });
  assert.equal(transcript.speakerName(2), "Speaker 2");
  assert.deepEqual(transcript.speakers, [2]);
});

test("another session goes on behind the first, with utterances and speakers of its own", () => {
  const transcript = told(final("u1", [word("one", 0, ADA)]), partial("u2", [], [word("lost", 2)], { start: 2 }));
  transcript.shift(32_000);
  transcript.apply(ready("s-2"));
  transcript.apply(final("u1", [word("two", 0.5, { id: 1, confidence: 1 })]));
  assert.deepEqual(transcript.utterances.map(({ utteranceId, start, speaker }) => [utteranceId, start, speaker.id]), [["u1", 0, 1], ["2/u1", 2.5, 2]]);
  assert.deepEqual(transcript.origin(2), { sessionId: "s-2", id: 1 });
  assert.deepEqual(transcript.origin(1), { sessionId: "s-1", id: 1 });
  transcript.apply({ type: "revision", sequence: 2, reason: "renamed", merged: [], changes: [{ utterance_id: "u1", first: 0, stop: 1, speaker: 1 }], names: [{ id: 1, name: "Cici" }] });
  assert.deepEqual([transcript.speakerName(1), transcript.speakerName(2)], ["Ada", "Cici"]);
});

test("text without spaces between words gets none", () => {
  const transcript = told(final("u1", [word("今日", 0, ADA)]), final("u2", [word("は。", 1, ADA)]), final("u3", [word("OK", 2, ADA)]));
  assert.equal(transcript.toText(), "Ada: 今日は。OK\n");
});

test("markup in what was said stays text in every form", () => {
  const transcript = told(final("u1", [word("<img", 0, { id: 1, name: "<b>", confidence: 1 }), word("onerror=x>", 0.5, { id: 1, name: "<b>", confidence: 1 }), word("-->", 1, { id: 1, name: "<b>", confidence: 1 })]));
  assert.match(transcript.toVtt(), /<v &lt;b&gt;>&lt;img onerror=x&gt; →/);
  assert.match(transcript.toMarkdown(), /\*\*\\<b\\>\*\* 0:00:00\n\n\\<img onerror=x\\> --\\>/);
});

test("what is not final is not exported", () => {
  const transcript = told(final("u1", [word("one", 0)]), partial("u2", [word("two", 2)], [], { start: 2 }));
  assert.equal(transcript.toText(), "one\n");
  assert.equal(JSON.parse(JSON.stringify(transcript)).utterances.length, 2);
});

test("hidden words are kept, and are nobody's turn", () => {
  const transcript = told({ ...final("u1", [word("Yes", 0, ADA), word("", 1, TWO), word("we", 2, ADA)]), text: "Yes we" });
  assert.deepEqual(transcript.turns().map(({ speaker, text }) => [speaker?.id, text]), [[1, "Yes we"]]);
  assert.equal(transcript.utterances[0].words.length, 3);
  assert.equal(transcript.toText(), "Ada: Yes we\n");
});

test("hidden words have no say in who said most, unless there are no others", () => {
  const words = [word("Selamat", 0, ADA), ...[1, 2, 3].map((start) => word("", start, TWO))];
  const transcript = told(final("u1", words, { speaker: ADA }), final("u2", words.slice(1), { speaker: TWO }), { type: "revised", sequence: 2, merged: [], changes: [], names: [{ id: 1, name: "Ana" }] });
  assert.deepEqual(transcript.utterances.map(({ speaker }) => speaker?.id), [1, 2]);
});
