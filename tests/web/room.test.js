// Which kept images make room for others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { few, goingFor, isOver, KEPT_BYTES } from "../../sam3_playground/ui/web/state/room.js";

const BESIDE = 2 ** 16;
const MONTH = 30 * 24 * 3600 * 1000;

/**
 * @param {string} id
 * @param {number} used
 * @param {number} bytes
 */
const kept = (id, used, bytes) => ({ id, used, bytes });

const KEPT = [kept("new", 3, 300), kept("old", 1, 100), kept("middle", 2, 200)];
const TOTAL = 600 + 3 * BESIDE;

/**
 * @param {number} bytes
 * @param {number} most
 */
const going = (bytes, most) => goingFor(KEPT, bytes, most)?.map(({ id }) => id);

test("nothing goes while there is room", () => {
  assert.deepEqual(going(50, TOTAL + 50 + BESIDE), []);
  assert.deepEqual(goingFor([], 50, 50 + BESIDE), []);
});

test("what was used longest ago goes first, and no more than has to", () => {
  const most = TOTAL + 50 + BESIDE;
  assert.deepEqual(going(50, most - 1), ["old"]);
  assert.deepEqual(going(50, most - 100 - BESIDE), ["old"]);
  assert.deepEqual(going(50, most - 101 - BESIDE), ["old", "middle"]);
  assert.deepEqual(going(50, 50 + BESIDE), ["old", "middle", "new"]);
});

test("a file that is too large by itself makes none go", () => {
  assert.equal(going(50, 49 + BESIDE), undefined);
  assert.equal(goingFor(KEPT, KEPT_BYTES, KEPT_BYTES), null);
});

test("after a month without work an image is forgotten", () => {
  assert.equal(isOver({ used: 1000 }, 1000 + MONTH), false);
  assert.equal(isOver({ used: 1000 }, 1001 + MONTH), true);
});

test("a few names are said, of many the first", () => {
  assert.equal(few(["a"]), "a");
  assert.equal(few(["a", "b"]), "a and b");
  assert.equal(few(["a", "b", "c"]), "a and 2 more");
});
