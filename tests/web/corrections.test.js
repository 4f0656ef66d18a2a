// What is mended of what a concept found: it stays with the concept, in Python's form.

/** @import { ConceptDoc, Found } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setWords } from "../../sam3_playground/ui/web/state/concepts.js";
import {
  addedNumber,
  beginStep,
  bringBack,
  canRefine,
  correctionOf,
  dropEmptyStep,
  mergeInstances,
  newInstance,
  removedCount,
  removeInstance,
  resetInstance,
  stepOfInstance,
} from "../../sam3_playground/ui/web/state/corrections.js";
import { createIds } from "../../sam3_playground/ui/web/state/ids.js";
import { BOX, SEPARATORS } from "./made.js";

const ids = createIds();

/** A document with a concept "1" and a concept "2". */
function begun() {
  /** @type {ConceptDoc} */
  const doc = { words: "", concepts: [], active: 0, mending: null };
  const { give } = createIds();
  setWords(doc, "red, green", { separators: SEPARATORS, most: 16, giveId: give });
  return doc;
}

/**
 * @param {number} candidate
 * @returns {Found}
 */
const found = (candidate) => ({
  text: "red",
  exemplars: [{ box: [...BOX], positive: true }],
  candidate,
  box: [candidate, 0, candidate + 5, 9],
  inside: [candidate + 2.5, 4.5],
});

/** @param {number} candidate */
const seed = (candidate) => {
  const { inside: _, ...rest } = found(candidate);
  return rest;
};

/** @param {string} id */
const foundAt = (id) => (id.includes("+") ? undefined : found(Number(id.split(":")[1])));

test("a step begins with what was found and a point deep inside it", () => {
  const doc = begun();
  assert.equal(stepOfInstance(doc, "1:7"), undefined);
  const step = beginStep(doc, "1:7", found(7));
  assert.deepEqual(step, {
    points: [{ x: 9.5, y: 4.5, positive: true }],
    box: null,
    choice: 0,
    base: seed(7),
  });
  assert.deepEqual(doc.concepts[0].corrections, [
    { id: "1:7", replaces: [seed(7)], parts: [step] },
  ]);
  assert.deepEqual(doc.concepts[1].corrections, []);
  assert.equal(beginStep(doc, "1:7", found(8)), step); // as it was begun
  assert.equal(stepOfInstance(doc, "1:7"), step);
});

test("what was found is copied: later boxes of the concept change nothing of it", () => {
  const doc = begun();
  const at = found(7);
  beginStep(doc, "1:7", at);
  at.exemplars[0].positive = false;
  at.exemplars[0].box[0] = 999;
  at.box[0] = 999;
  assert.deepEqual(correctionOf(doc, "1:7")?.replaces, [seed(7)]);
});

test("without something found only an added one begins, without a point of its own", () => {
  const doc = begun();
  assert.equal(beginStep(doc, "1:7", undefined), undefined);
  assert.equal(beginStep(doc, "9:+1", undefined), undefined); // no such concept
  const id = newInstance(2, ids.give);
  assert.match(id, /^2:\+\d+$/u);
  assert.deepEqual(beginStep(doc, id, undefined), { points: [], box: null, choice: 0, base: null });
  assert.deepEqual(correctionOf(doc, id)?.replaces, []);
});

test("added ones are counted from 1 in their order", () => {
  const doc = begun();
  const [one, two] = [newInstance(1, ids.give), newInstance(1, ids.give)];
  beginStep(doc, "1:3", found(3));
  beginStep(doc, one, undefined);
  beginStep(doc, two, undefined);
  const [concept] = doc.concepts;
  assert.deepEqual([addedNumber(concept, one), addedNumber(concept, two)], [1, 2]);
  assert.equal(addedNumber(concept, "1:3"), 0);
});

test("what is removed has no part, found or mended; an added one is gone", () => {
  const doc = begun();
  const [concept] = doc.concepts;
  removeInstance(doc, "1:7", found(7));
  assert.deepEqual(concept.corrections, [{ id: "1:7", replaces: [seed(7)], parts: [] }]);
  beginStep(doc, "1:8", found(8));
  doc.mending = "1:8";
  removeInstance(doc, "1:8", found(8));
  assert.deepEqual(correctionOf(doc, "1:8"), { id: "1:8", replaces: [seed(8)], parts: [] });
  assert.equal(doc.mending, null);
  const id = newInstance(1, ids.give);
  beginStep(doc, id, undefined);
  doc.mending = "1:8";
  removeInstance(doc, id, undefined);
  assert.equal(correctionOf(doc, id), undefined);
  assert.equal(doc.mending, "1:8"); // another one's
  removeInstance(doc, "1:9", undefined); // nothing is known of it
  removeInstance(doc, "9:1", found(1));
  assert.equal(concept.corrections.length, 2);
  assert.equal(removedCount(concept), 2);
});

test("what was removed comes back, and what was mended stays", () => {
  const doc = begun();
  const [concept] = doc.concepts;
  removeInstance(doc, "1:7", found(7));
  beginStep(doc, "1:8", found(8));
  bringBack(concept);
  assert.deepEqual(
    concept.corrections.map(({ id }) => id),
    ["1:8"],
  );
  assert.equal(removedCount(concept), 0);
});

test("two become one of both, in the place of the first", () => {
  const doc = begun();
  const step = beginStep(doc, "1:8", found(8));
  doc.mending = "1:8";
  mergeInstances(doc, "1:7", "1:8", foundAt);
  assert.deepEqual(doc.concepts[0].corrections, [
    { id: "1:7", replaces: [seed(7), seed(8)], parts: [seed(7), step] },
  ]);
  assert.equal(doc.mending, null);
  const id = newInstance(1, ids.give);
  const added = beginStep(doc, id, undefined);
  mergeInstances(doc, "1:7", id, foundAt);
  assert.deepEqual(doc.concepts[0].corrections, [
    { id: "1:7", replaces: [seed(7), seed(8)], parts: [seed(7), step, added] },
  ]);
  assert.equal(canRefine(doc, "1:7"), false);
  assert.equal(stepOfInstance(doc, "1:7"), undefined);
  assert.equal(beginStep(doc, "1:7", found(7)), undefined);
});

test("only two that are there and of one concept become one", () => {
  const doc = begun();
  mergeInstances(doc, "1:7", "1:7", foundAt);
  mergeInstances(doc, "1:7", "2:8", foundAt);
  mergeInstances(doc, "9:7", "9:8", foundAt);
  mergeInstances(doc, "1:7", "1:+4", foundAt); // nothing was clicked for it
  assert.deepEqual(
    doc.concepts.map(({ corrections }) => corrections),
    [[], []],
  );
});

test("an instance is let be as it was found", () => {
  const doc = begun();
  beginStep(doc, "1:7", found(7));
  doc.mending = "1:7";
  resetInstance(doc, "1:7");
  assert.deepEqual(doc.concepts[0].corrections, []);
  assert.equal(doc.mending, "1:7"); // it is still there to be clicked
  assert.equal(canRefine(doc, "1:7"), true);
  const id = newInstance(1, ids.give);
  beginStep(doc, id, undefined);
  doc.mending = id;
  resetInstance(doc, id);
  assert.equal(doc.mending, null);
});

test("a step without a point or a box is none", () => {
  const doc = begun();
  const step = beginStep(doc, "1:7", found(7));
  dropEmptyStep(doc, "1:7");
  assert.equal(stepOfInstance(doc, "1:7"), step);
  if (step) step.points = [];
  if (step) step.box = BOX;
  dropEmptyStep(doc, "1:7");
  assert.equal(stepOfInstance(doc, "1:7"), step);
  if (step) step.box = null;
  dropEmptyStep(doc, "1:7");
  assert.equal(correctionOf(doc, "1:7"), undefined);
});
