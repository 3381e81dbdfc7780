import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

import { load } from "./page.mjs";

const { chooseLanguage, isKnown, LANGUAGES, say } = await load("words/words.js");

const PACKAGE = new URL("../../clients/js/src/", import.meta.url);

const names = (sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("every language has the same sentences", () => {
  for (const words of Object.values(LANGUAGES)) assert.deepEqual(Object.keys(words).sort(), Object.keys(LANGUAGES.en).sort());
});

test("every language fills in the same values", () => {
  for (const [key, sentence] of Object.entries(LANGUAGES.id)) assert.deepEqual(names(sentence), names(LANGUAGES.en[key]), key);
});

test("no sentence is left in English", () => {
  const same = Object.keys(LANGUAGES.en).filter((key) => LANGUAGES.en[key] === LANGUAGES.id[key]);
  assert.deepEqual(same.sort(), ["live.said_by", "take.md"]);
});

test("values are filled in, and what is missing stays visible", () => {
  assert.equal(say("en", "live.state.behind", { seconds: 4 }), "Behind by 4 s");
  assert.equal(say("id", "live.state.behind", { seconds: 4 }), "Tertinggal 4 dtk");
  assert.equal(say("en", "live.state.behind"), "Behind by {seconds} s");
  assert.equal(say("en", "no.such.key"), "no.such.key");
});

test("values are text: nothing in them is filled in again", () => {
  assert.equal(say("en", "live.said_by", { name: "{text}", text: "$& {name}" }), "{text}: $& {name}");
});

test("one is said otherwise than many", () => {
  assert.match(say("en", "usage.total", { seconds: 5, count: 1 }), /one session/);
  assert.match(say("en", "usage.total", { seconds: 5, count: 2 }), /2 sessions/);
});

test("the reader's first language that we know is taken", () => {
  assert.equal(chooseLanguage(["", "fr-FR", "id-ID", "en"]), "id");
  assert.equal(chooseLanguage(["de", "constructor"]), "en");
});

test("every error of the server has a sentence", async () => {
  const listed = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const codes = [...listed.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code).filter((code) => code !== "startup_error");
  assert.ok(codes.length > 20);
  assert.deepEqual(codes.filter((code) => !isKnown(`error.${code}`)), []);
});

test("every error of the package has a sentence", async () => {
  const source = await Promise.all((await readdir(PACKAGE)).map((name) => readFile(new URL(name, PACKAGE), "utf8")));
  const codes = [...source.join("\n").matchAll(/(?:Error|Lost|Full|errorOf)\("([a-z_]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 5);
  assert.deepEqual([...new Set(codes)].filter((code) => !isKnown(`error.${code}`)), []);
});
