// Prompts that are dragged elsewhere.

/** @import { ConceptDoc, Step } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addExemplar, moveExemplar } from "../../sam3_playground/ui/web/state/concepts.js";
import { moveBox, movePoint } from "../../sam3_playground/ui/web/state/objects.js";
import { BOX } from "./made.js";

/** @returns {Step} a step that refines one that was chosen by hand */
const step = () => ({
  points: [
    { x: 1, y: 2, positive: true },
    { x: 3, y: 4, positive: false },
  ],
  box: [0, 0, 5, 5],
  choice: 2,
  base: { points: [{ x: 1, y: 2, positive: true }], box: null, choice: 1, base: null },
});

test("a point is put elsewhere, keeps its sign, and the best mask is chosen again", () => {
  const one = step();
  movePoint(one, 1, { x: 30, y: 40 });
  assert.deepEqual(one, {
    points: [
      { x: 1, y: 2, positive: true },
      { x: 30, y: 40, positive: false },
    ],
    box: [0, 0, 5, 5],
    choice: 0,
    base: null,
  });
});

test("a box is put elsewhere", () => {
  const one = step();
  moveBox(one, [5, 5, 9, 9]);
  assert.deepEqual([one.box, one.choice, one.base], [[5, 5, 9, 9], 0, null]);
});

test("what is not there is not moved", () => {
  const one = step();
  movePoint(one, 7, { x: 30, y: 40 });
  assert.deepEqual(one, step());
  movePoint(undefined, 0, { x: 1, y: 1 });
  moveBox(undefined, BOX);
});

test("an example box is put elsewhere and stays with its concept", () => {
  /** @type {ConceptDoc} */
  const doc = { words: "", concepts: [], active: 0, mending: null };
  addExemplar(doc, { box: [...BOX], positive: false }, () => 1);
  moveExemplar(doc, 1, 0, [1, 1, 9, 9]);
  moveExemplar(doc, 1, 5, [2, 2, 9, 9]);
  moveExemplar(doc, 7, 0, [3, 3, 9, 9]);
  assert.deepEqual(
    doc.concepts.map(({ exemplars }) => exemplars),
    [[{ box: [1, 1, 9, 9], positive: false }]],
  );
});
