// What is hidden stays so for who it is, and for nobody else.

/** @import { Concept, Hidden } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import { promptOf } from "../../sam3_playground/ui/web/state/concepts.js";
import {
  conceptPrompts,
  hiddenIds,
  objectPrompts,
  pruned,
  toggled,
} from "../../sam3_playground/ui/web/state/hidden.js";
import { BOX } from "./made.js";

/**
 * @param {number} id
 * @param {Partial<Concept>} [changes]
 * @returns {Concept}
 */
const concept = (id, changes) => ({
  id,
  slot: 0,
  text: `word ${id}`,
  exemplars: [],
  threshold: null,
  corrections: [],
  ...changes,
});

/**
 * @param {number} number
 * @param {Concept} of
 * @returns {Hidden}
 */
const candidate = (number, of) => ({ id: `${of.id}:${number}`, prompt: promptOf(of) });

const RED = concept(3);
const GREEN = concept(13);
const hidden = [candidate(0, RED), candidate(2, GREEN)];

test("hiding twice shows again, and touches no other", () => {
  const once = toggled(hidden, candidate(1, RED));
  assert.deepEqual(hiddenIds(once, conceptPrompts({ concepts: [RED, GREEN] })), [
    "3:0",
    "13:2",
    "3:1",
  ]);
  assert.deepEqual(toggled(once, candidate(1, RED)), hidden);
});

test("only what belongs to living concepts is told, whatever their order", () => {
  assert.deepEqual(hiddenIds(hidden, conceptPrompts({ concepts: [GREEN] })), ["13:2"]);
  assert.deepEqual(hiddenIds(hidden, conceptPrompts({ concepts: [] })), []);
  assert.deepEqual(hiddenIds(hidden, conceptPrompts({ concepts: [GREEN, concept(1), RED] })), [
    "3:0",
    "13:2",
  ]);
});

test("with another box the candidates are others: none of them is hidden", () => {
  const boxed = concept(3, { exemplars: [{ box: BOX, positive: true }] });
  assert.deepEqual(hiddenIds(hidden, conceptPrompts({ concepts: [boxed] })), []);
  const both = toggled(hidden, candidate(0, boxed));
  assert.deepEqual(hiddenIds(both, conceptPrompts({ concepts: [boxed] })), ["3:0"]);
  assert.deepEqual(hiddenIds(both, conceptPrompts({ concepts: [RED] })), ["3:0"]);
});

test("a threshold of its own makes no other candidates", () => {
  const strict = concept(3, { threshold: 0.9 });
  assert.deepEqual(hiddenIds(hidden, conceptPrompts({ concepts: [strict] })), ["3:0"]);
});

test("an object stays hidden whatever it is prompted with", () => {
  const some = [{ id: "4", prompt: "" }];
  assert.deepEqual(hiddenIds(some, objectPrompts({ objects: [{ id: 4 }] })), ["4"]);
  assert.deepEqual(hiddenIds(some, objectPrompts({ objects: [{ id: 5 }] })), []);
});

test("what may come back is remembered, and nothing else", () => {
  const states = [[RED], [concept(5)]].map((concepts) => conceptPrompts({ concepts }));
  assert.deepEqual(pruned(hidden, states), [hidden[0]]);
  assert.deepEqual(pruned(hidden, []), []);
});
