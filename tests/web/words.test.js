// Words as they are typed into one field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsIn } from "../../sam3_playground/ui/web/state/words.js";

const SEPARATORS = ",;\n、";

test("words stand between separators, without space around them", () => {
  assert.deepEqual(wordsIn(" red,green ;blue\n big  dog 、", SEPARATORS), [
    "red",
    "green",
    "blue",
    "big dog",
  ]);
});

test("of doubles the first stays, in its own letters", () => {
  assert.deepEqual(wordsIn("Red, red, RED,dog", SEPARATORS), ["Red", "dog"]);
});

test("no words, no concepts", () => {
  for (const text of ["", "  ", ",,;\n"]) assert.deepEqual(wordsIn(text, SEPARATORS), []);
});
