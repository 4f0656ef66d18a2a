// Ids and places in the palette.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds, freeSlot, placeOf } from "../../sam3_playground/ui/web/state/ids.js";

test("ids begin at 1 and none is given twice", () => {
  const ids = createIds();
  assert.deepEqual([ids.give(), ids.give(), ids.give()], [1, 2, 3]);
});

test("ids that a former page gave are not given again, and none goes back", () => {
  const ids = createIds();
  ids.startAt(7);
  assert.deepEqual([ids.next, ids.give(), ids.give()], [7, 7, 8]);
  ids.startAt(2);
  assert.equal(ids.give(), 9);
});

for (const [taken, free] of /** @type {[number[], number][]} */ ([
  [[], 0],
  [[0], 1],
  [[1, 2], 0],
  [[0, 2, 3], 1],
  [[3, 0, 1], 2],
])) {
  test(`beside ${JSON.stringify(taken)} the free slot is ${free}`, () => {
    assert.equal(freeSlot(taken.map((slot) => ({ slot }))), free);
  });
}

test("a place is found by id, not by position", () => {
  assert.equal(placeOf([{ id: 5 }, { id: 2 }], 2), 1);
  assert.equal(placeOf([{ id: 5 }, { id: 2 }], 1), -1);
});
