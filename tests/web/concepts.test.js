// Words become concepts, and concepts stay who they are.

/** @import { Concept, ConceptDoc } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addExemplar,
  promptOf,
  removeConcept,
  removeExemplar,
  setWords,
} from "../../sam3_playground/ui/web/state/concepts.js";
import { createIds } from "../../sam3_playground/ui/web/state/ids.js";
import { BOX, SEPARATORS } from "./made.js";

/** A document that words can be run in, and the ids of its concepts. */
function begun() {
  /** @type {ConceptDoc} */
  const doc = { words: "", concepts: [], active: 0, mending: null };
  const ids = createIds();
  return {
    doc,
    give: ids.give,
    /** @param {string} text */
    run: (text, most = 16) =>
      setWords(doc, text, { separators: SEPARATORS, most, giveId: ids.give }),
    /** @param {boolean} positive */
    box: (positive) => addExemplar(doc, { box: BOX, positive }, ids.give),
    /** @param {number} id */
    drop: (id) => removeConcept(doc, id, SEPARATORS),
    get list() {
      return doc.concepts.map(({ id, slot, text }) => [id, slot, text]);
    },
  };
}

/** @param {Concept} concept */
const boxes = ({ exemplars }) => exemplars.map(({ positive }) => positive);

test("words get ids and slots in their order", () => {
  const page = begun();
  page.run("red, green");
  assert.deepEqual(page.list, [
    [1, 0, "red"],
    [2, 1, "green"],
  ]);
});

test("a word that stays keeps all that it has, whatever its place and letters", () => {
  const page = begun();
  page.run("red, green");
  page.doc.active = 1;
  page.box(true);
  page.doc.concepts[1].threshold = 0.3;
  page.run("Green, blue, red");
  page.run("Green, BLUE, red");
  assert.deepEqual(page.list, [
    [2, 1, "Green"],
    [3, 2, "BLUE"],
    [1, 0, "red"],
  ]);
  assert.deepEqual(boxes(page.doc.concepts[0]), [true]);
  assert.equal(page.doc.concepts[0].threshold, 0.3);
  assert.equal(page.doc.active, 0);
});

test("a renamed word is another concept, with nothing of the former one but its free slot", () => {
  const page = begun();
  page.run("red, green");
  page.box(true);
  page.doc.concepts[0].threshold = 0.3;
  page.run("rose, green");
  assert.deepEqual(page.list, [
    [3, 0, "rose"],
    [2, 1, "green"],
  ]);
  assert.deepEqual(page.doc.concepts[0].exemplars, []);
  assert.equal(page.doc.concepts[0].threshold, null);
});

test("a word that comes back is new", () => {
  const page = begun();
  page.run("red");
  page.run("green");
  page.run("red, green");
  assert.deepEqual(page.list, [
    [3, 1, "red"],
    [2, 0, "green"],
  ]);
});

test("removing one moves no other's slot, and the next one takes it", () => {
  const page = begun();
  page.run("Red, green, blue");
  page.drop(1);
  assert.deepEqual(page.list, [
    [2, 1, "green"],
    [3, 2, "blue"],
  ]);
  assert.equal(page.doc.words, "green, blue");
  page.run("green, blue, rose, lime");
  assert.deepEqual(page.list.slice(2), [
    [4, 0, "rose"],
    [5, 3, "lime"],
  ]);
});

test("removing what is not there removes nothing", () => {
  const page = begun();
  page.run("red");
  page.drop(9);
  removeExemplar(page.doc, 9, 0);
  assert.deepEqual(page.list, [[1, 0, "red"]]);
});

for (const [active, gone, then] of [
  [0, 1, 0],
  [1, 1, 0],
  [1, 2, 1],
  [2, 1, 1],
  [2, 3, 1],
  [1, 3, 1],
]) {
  test(`of three, ${active} is active and ${gone} goes: ${then} is active`, () => {
    const page = begun();
    page.run("red, green, blue");
    page.doc.active = active;
    page.drop(gone);
    assert.equal(page.doc.active, then);
  });
}

test("a box without a concept starts one, and belongs to the active one else", () => {
  const page = begun();
  page.box(true);
  page.box(false);
  assert.deepEqual(page.list, [[1, 0, null]]);
  assert.deepEqual(boxes(page.doc.concepts[0]), [true, false]);
  page.doc.active = 1;
  page.box(true);
  assert.deepEqual(page.list, [
    [1, 0, null],
    [2, 1, null],
  ]);
  assert.equal(page.doc.active, 1);
});

test("a concept of boxes stays who it is beside words", () => {
  const page = begun();
  page.box(true);
  page.run("red");
  assert.deepEqual(page.list, [
    [2, 1, "red"],
    [1, 0, null],
  ]);
  assert.equal(page.doc.active, 1);
});

test("boxes around what is not meant go to the first words", () => {
  const page = begun();
  page.box(false);
  page.run("red, green");
  assert.deepEqual(page.doc.concepts.map(boxes), [[false], []]);
  assert.deepEqual(page.list.length, 2);
});

test("without words they wait", () => {
  const page = begun();
  page.box(false);
  page.run(" ");
  assert.deepEqual(page.list, [[1, 0, null]]);
});

test("a concept goes with its last box, unless it has words", () => {
  const page = begun();
  page.run("red");
  page.box(true);
  page.doc.active = 1;
  page.box(true);
  removeExemplar(page.doc, 1, 0);
  removeExemplar(page.doc, 2, 0);
  assert.deepEqual(page.list, [[1, 0, "red"]]);
  assert.deepEqual(boxes(page.doc.concepts[0]), []);
});

test("there are no more concepts than may be, words first", () => {
  const page = begun();
  page.box(true);
  page.run("a, b, c", 3);
  assert.deepEqual(page.list, [
    [2, 0, "a"],
    [3, 1, "b"],
    [4, 2, "c"],
  ]);
});

test("a prompt is words and boxes, not thresholds nor letter case", () => {
  const exemplars = [{ box: BOX, positive: true }];
  const prompts = [
    promptOf({ text: "red", exemplars: [] }),
    promptOf({ text: "green", exemplars: [] }),
    promptOf({ text: null, exemplars }),
    promptOf({ text: "red", exemplars }),
    promptOf({ text: "red", exemplars: [{ box: BOX, positive: false }] }),
  ];
  assert.equal(new Set(prompts).size, prompts.length);
  assert.equal(promptOf({ text: "Red", exemplars: [] }), prompts[0]);
});
