// Objects: who they are, what is refined, and when one starts again.

/** @import { ObjectDoc } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds } from "../../sam3_playground/ui/web/state/ids.js";
import {
  addClick,
  addObject,
  newObject,
  promptOf,
  removeBox,
  removeClick,
  removeObject,
  setBox,
  stepOf,
} from "../../sam3_playground/ui/web/state/objects.js";
import { BOX } from "./made.js";

/** A document of one object, and what a user does to it. */
function begun() {
  const { give } = createIds();
  /** @type {ObjectDoc} */
  const doc = { objects: [newObject(give)], active: 0 };
  return {
    doc,
    click: (x = 1) => addClick(doc, { x, y: 2, positive: true }),
    add: (most = 32) => addObject(doc, most, give),
    /** @param {number} id */
    drop: (id) => removeObject(doc, id, give),
    get list() {
      return doc.objects.map(({ id, slot }) => [id, slot]);
    },
    get active() {
      return doc.objects[doc.active];
    },
  };
}

test("each object has an id and a slot of its own", () => {
  const page = begun();
  page.click();
  page.add();
  page.click();
  page.add();
  assert.deepEqual(page.list, [
    [1, 5],
    [2, 6],
    [3, 7],
  ]);
  assert.equal(page.doc.active, 2);
});

test("an unused object is not followed by another, and there are no more than may be", () => {
  const page = begun();
  page.add();
  assert.deepEqual(page.list, [[1, 5]]);
  page.click();
  page.add(1);
  assert.deepEqual(page.list, [[1, 5]]);
});

test("removing one moves no other's slot, and the next one takes it", () => {
  const page = begun();
  for (const _ of "abc") {
    page.click();
    page.add();
  }
  page.doc.active = 2;
  page.drop(1);
  assert.deepEqual(page.list, [
    [2, 6],
    [3, 7],
    [4, 8],
  ]);
  assert.equal(page.active.id, 3);
  page.doc.active = 2;
  page.click();
  page.add();
  assert.deepEqual(page.list.at(-1), [5, 5]);
});

test("after the last in the list the one before it is active", () => {
  const page = begun();
  page.click();
  page.add();
  page.drop(2);
  assert.deepEqual([page.active.id, page.doc.active], [1, 0]);
});

test("in the place of the last one comes a new one", () => {
  const page = begun();
  page.click();
  page.drop(1);
  assert.deepEqual(page.list, [[2, 5]]);
  assert.equal(stepOf(page.active), null);
});

test("what is not there cannot be removed", () => {
  const page = begun();
  page.click();
  page.drop(9);
  removeClick(page.doc, 9, 0);
  removeBox(page.doc, 9);
  assert.equal(page.active.points.length, 1);
});

test("nothing is asked for an object without prompts", () => {
  const page = begun();
  assert.equal(stepOf(page.active), null);
  page.click();
  assert.equal(stepOf(page.active)?.points.length, 1);
  removeClick(page.doc, 1, 0);
  setBox(page.doc, BOX);
  assert.deepEqual(stepOf(page.active)?.box, BOX);
  removeBox(page.doc, 1);
  assert.equal(stepOf(page.active), null);
});

test("a mask that was chosen by hand is what the next prompt refines", () => {
  for (const withBox of [false, true]) {
    const page = begun();
    page.click(1);
    page.active.choice = 2;
    if (withBox) setBox(page.doc, BOX);
    else page.click(5);
    const { base, choice } = page.active;
    assert.equal(choice, 0);
    assert.deepEqual(base, {
      points: [{ x: 1, y: 2, positive: true }],
      box: null,
      choice: 2,
      base: null,
    });
  }
});

test("the best mask is refined by no one: more prompts ask anew", () => {
  const page = begun();
  page.click(1);
  page.click(5);
  assert.equal(page.active.base, null);
  assert.equal(page.active.points.length, 2);
});

test("fewer prompts start again, without what was refined", () => {
  for (const fewer of [
    (/** @type {ObjectDoc} */ doc) => removeClick(doc, 1, 0),
    (/** @type {ObjectDoc} */ doc) => removeBox(doc, 1),
  ]) {
    const page = begun();
    setBox(page.doc, BOX);
    page.click(1);
    page.active.choice = 1;
    page.click(5);
    page.active.choice = 1;
    fewer(page.doc);
    assert.deepEqual([page.active.choice, page.active.base], [0, null]);
    assert.notEqual(stepOf(page.active), null);
  }
});

test("candidates depend on prompts and what is refined, not on which is chosen", () => {
  const page = begun();
  assert.equal(promptOf(stepOf(page.active)), null);
  page.click(1);
  const first = promptOf(stepOf(page.active));
  page.active.choice = 2;
  assert.equal(promptOf(stepOf(page.active)), first);
  page.click(5);
  const second = promptOf(stepOf(page.active));
  page.active.base = null;
  assert.equal(new Set([first, second, promptOf(stepOf(page.active))]).size, 3);
});
