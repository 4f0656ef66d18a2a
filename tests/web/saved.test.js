// What is saved is called by its image, and what was cut off is not taken for whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  content,
  ending,
  fileName,
  nameIn,
  TAIL,
} from "../../sam3_playground/ui/web/state/saved.js";

/** @param {string} text of one byte a letter */
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const END = `PK\x05\x06${"\0".repeat(18)}`;

test("an image is called by its file, or by its URL", () => {
  assert.equal(fileName("photo.jpg", ""), "photo.jpg");
  assert.equal(fileName("", ""), "image");
  assert.equal(fileName("from-url", "https://a.example/b/c%20d.png?x=1"), "c d.png");
  assert.equal(fileName("from-url", "https://a.example/%ff.png"), "%ff.png");
  assert.equal(fileName("from-url", "https://a.example/"), "a.example");
});

test("an answer is saved under the name that it brings, in any script", () => {
  assert.equal(nameIn("attachment; filename*=UTF-8''two%20%C3%A9-coco.json"), "two é-coco.json");
  assert.equal(nameIn("attachment; filename*=UTF-8''a.zip; more"), "a.zip");
  assert.equal(nameIn(null), "sam3-playground");
  assert.equal(nameIn("attachment"), "sam3-playground");
});

test("an archive is whole with its end alone", () => {
  const whole = bytes(`photo.json${END}`);
  assert.equal(whole.length, TAIL);
  assert.equal(ending(whole), "whole");
  assert.equal(ending(bytes(`FAILED.txt${END}`)), "partly");
  for (let missing = 1; missing <= TAIL; missing += 1) {
    assert.equal(ending(whole.slice(0, -missing)), "cut");
  }
  assert.equal(ending(new Uint8Array()), "cut");
});

test("it is said what is left out", () => {
  assert.equal(content("a.png", { shown: 3, hidden: 0 }), "a.png: 3 instances.");
  assert.equal(
    content("a.png", { shown: 1, hidden: 1 }),
    "a.png: 1 instance. 1 hidden one is left out.",
  );
  assert.equal(
    content("a.png", { shown: 0, hidden: 2 }),
    "a.png: no instance is shown. 2 hidden ones are left out.",
  );
});
