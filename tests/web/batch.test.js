// A run over all images, in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { farOf, listed, outcome, totalOf } from "../../sam3_playground/ui/web/state/batch.js";

const COUNTS = {
  rows: [
    { label: "dog", count: 2 },
    { label: "cat", count: 0 },
    { label: "rocket", count: 5 },
  ],
};

test("at first nobody knows how long it takes", () => {
  assert.equal(farOf({ done: 0, total: 10, seconds: 3 }), "1 of 10");
});

test("what is left takes as long an image as what was done", () => {
  assert.equal(farOf({ done: 2, total: 10, seconds: 5 }), "3 of 10, about 20 s left");
  assert.equal(farOf({ done: 1, total: 11, seconds: 9 }), "2 of 11, about 1 min 30 s left");
  assert.equal(farOf({ done: 9, total: 10, seconds: 0.9 }), "10 of 10, about 1 s left");
  assert.equal(farOf({ done: 10, total: 10, seconds: 5 }), "10 of 10, about 1 s left");
});

test("counts are added, and listed by what they are of", () => {
  assert.equal(totalOf(COUNTS), 7);
  assert.equal(totalOf({ rows: [] }), 0);
  assert.equal(listed(COUNTS), "dog: 2, cat: 0, rocket: 5");
});

test("a run says what it found, what failed and what was not asked", () => {
  const run = { asked: 3, found: 7, failed: 0, idle: 0, stopped: false };
  assert.equal(outcome(run), "Found 7 in 3 images");
  assert.equal(
    outcome({ asked: 1, found: 0, failed: 1, idle: 2, stopped: true }),
    "Stopped. Found 0 in 1 image · 1 image could not be asked · 2 images without prompts",
  );
});
