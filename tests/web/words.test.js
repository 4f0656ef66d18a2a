// Words as they are typed into one field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsIn } from "../../sam3_playground/ui/web/state/words.js";

test("words stand between separators, without space around them", () => {
  const words = wordsIn(" red,green ;blue\n big  dog 、", ",;\n、");
  assert.deepEqual(words, ["red", "green", "blue", "big dog"]);
});

test("only what is told to separate does", () => {
  assert.deepEqual(wordsIn("red, green; blue", ";"), ["red, green", "blue"]);
  assert.deepEqual(wordsIn("red|green", "|."), ["red", "green"]);
});

test("of doubles the first stays, in its own letters", () => {
  assert.deepEqual(wordsIn("Red, red, RED,dog", ","), ["Red", "dog"]);
});

test("no words, no concepts", () => {
  for (const text of ["", "  ", ",,;\n"]) assert.deepEqual(wordsIn(text, ",;\n"), []);
});
