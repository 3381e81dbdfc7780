import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./page.mjs";

const { choiceOf, formattingOf, SECRETS, toldOf, USUAL } = await load("model/formatting.js");
const { isKnown } = await load("words/words.js");

const chosen = (different) => formattingOf({ ...USUAL, ...different });

test("what is usual is left to the server", () => {
  assert.deepEqual(chosen({}), { formatting: {}, problem: null });
  assert.deepEqual(toldOf(USUAL), []);
});

test("switches are said as the wire has them", () => {
  const off = { numbers: false, punctuation: false, capitals: false, noFillers: true, noRepairs: true };
  assert.deepEqual(chosen(off).formatting, { numbers: false, punctuation: false, capitals: false, fillers: false, repairs: false });
});

test("a term may have what it sounds like behind a colon", () => {
  const { formatting } = chosen({ terms: "Meemo: mimo, me mo\n\n  Prosa  \nKominfo:" });
  assert.deepEqual(formatting.vocabulary, [{ text: "Meemo", sounds_like: ["mimo", "me mo"] }, { text: "Prosa" }, { text: "Kominfo" }]);
});

test("a colon within a time or an address parts nothing", () => {
  const { formatting, problem } = chosen({ terms: "Jam 12:30\nhttps://meemo.id\nJam 7:00: jam tujuh, pukul 7:00" });
  assert.equal(problem, null);
  assert.deepEqual(formatting.vocabulary, [{ text: "Jam 12:30" }, { text: "https://meemo.id" }, { text: "Jam 7:00", sounds_like: ["jam tujuh", "pukul 7:00"] }]);
});

test("a replacement is written with a sign or an arrow, and may be nothing", () => {
  const { formatting } = chosen({ replacements: "bos = Bu Ani\nrapat->meeting\nkopi → teh = chai\nanu =\nboss => Ms. Ani\nbig boss ⇒ Ms. Budi\ne-mail-->surel" });
  assert.deepEqual(formatting.replace, [
    { find: "bos", replace: "Bu Ani" },
    { find: "rapat", replace: "meeting" },
    { find: "kopi", replace: "teh = chai" },
    { find: "anu", replace: "" },
    { find: "boss", replace: "Ms. Ani" },
    { find: "big boss", replace: "Ms. Budi" },
    { find: "e-mail", replace: "surel" },
  ]);
});

test("a line that is not clear is named", () => {
  assert.deepEqual(chosen({ terms: "Prosa\n\n: mimo" }).problem, { field: "terms", key: "text.wrong.term", line: 3 });
  for (const line of ["bos", "= Bu Ani"]) {
    assert.deepEqual(chosen({ replacements: line }).problem, { field: "replacements", key: "text.wrong.replacement", line: 1 });
  }
});

test("names are masked when it is said which, and are not sent otherwise", () => {
  assert.equal(chosen({ redact: ["names"] }).problem.field, "names");
  assert.deepEqual(chosen({ redact: ["card", "names"], names: "Ana\nBudi Santoso\n" }).formatting, {
    redact: ["card", "names"],
    redact_names: ["Ana", "Budi Santoso"],
  });
  assert.deepEqual(chosen({ redact: ["card"], names: "Ana" }).formatting, { redact: ["card"] });
});

test("what was stored is taken as far as it is of the right kind", () => {
  assert.deepEqual(choiceOf(null), USUAL);
  assert.deepEqual(choiceOf({ numbers: "no", redact: ["phone", "everything"], terms: 3, more: 1 }), { ...USUAL, redact: ["phone"] });
  const whole = { ...USUAL, capitals: false, redact: [...SECRETS], names: "Ana", terms: "Prosa", replacements: "a = b" };
  assert.deepEqual(choiceOf(JSON.parse(JSON.stringify(whole))), whole);
});

test("whoever folds the panel still sees what is not as usual", () => {
  const told = toldOf({ numbers: false, punctuation: false, capitals: false, noFillers: true, noRepairs: true, redact: ["card"], names: "", terms: "a\nb", replacements: "c = d" });
  assert.deepEqual(told.filter(({ values }) => values).map(({ values }) => values.count), [1, 3]);
  assert.equal(told.length, 7);
  assert.ok(told.every(({ key }) => isKnown(key)));
});

test("markup is text here too", () => {
  assert.deepEqual(chosen({ terms: "<b onclick=alert(1)>" }).formatting.vocabulary, [{ text: "<b onclick=alert(1)>" }]);
});
