import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { PAGE } from "./page.mjs";

const css = await readFile(new URL("styles/tokens.css", PAGE), "utf8");
const themes = [1, 2].map((which) =>
  Object.fromEntries([...css.matchAll(/--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((found) => [found[1], found[1 + which]])),
);

/** https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const voices = Array.from({ length: 9 }, (_, index) => `speaker-${index}`);

test("text is 4.5 to 1 on what it stands on, in both themes", () => {
  const pairs = [
    ...["ink", "quiet", "link", "wrong", "good", ...voices].flatMap((name) => [[name, "paper"], [name, "inset"]]),
    ["ink", "notice"], ["on-accent", "accent"], ["on-accent", "stop"],
  ];
  const bad = themes.flatMap((theme, dark) => pairs.filter(([one, other]) => contrast(theme[one], theme[other]) < 4.5).map((pair) => [dark, ...pair]));
  assert.deepEqual(bad, []);
});

test("edges of fields and marks of states are 3 to 1 on paper, in both themes", () => {
  const bad = themes.flatMap((theme, dark) => ["edge", "warm", "stop", "accent"].filter((name) => contrast(theme[name], theme.paper) < 3).map((name) => [dark, name]));
  assert.deepEqual(bad, []);
});
