// An image in the place of another, and what is kept of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addExemplar } from "../../sam3_playground/ui/web/state/concepts.js";
import { addClick } from "../../sam3_playground/ui/web/state/objects.js";
import { readSnapshot, trimmed, VERSION } from "../../sam3_playground/ui/web/state/snapshot.js";
import { BOX, concepts, newStore, run, toggle } from "./made.js";

/**
 * A store with some words and a box for the first one.
 * @param {string} words
 */
function prompted(words) {
  const store = newStore();
  run(store, words);
  store.changeConcepts((doc) => addExemplar(doc, { box: BOX, positive: true }, store.giveId));
  return store;
}

test("an image is as it was left, with its undo, when it is entered again", () => {
  const store = prompted("red");
  const first = store.snapshot();
  store.enter(null, false);
  assert.deepEqual([store.concepts.words, concepts(store)], ["red", []]);
  assert.equal(store.canUndo, false);
  run(store, "green");
  const second = store.snapshot();
  store.enter(first, false);
  assert.deepEqual(store.concepts, first.concepts);
  store.undo();
  assert.equal(store.concepts.concepts[0].exemplars.length, 0);
  store.enter(second, false);
  assert.deepEqual(store.concepts, second.concepts);
});

test("undo and redo of both tabs are kept with an image", () => {
  const store = prompted("red");
  store.changeObjects((doc) => addClick(doc, { x: 1, y: 2, positive: true }));
  store.changeObjects((doc) => addClick(doc, { x: 3, y: 4, positive: true }));
  store.undo();
  store.settings.mode = "objects";
  store.undo();
  const left = store.snapshot();
  store.enter(null, false);
  store.enter(left, false);
  assert.deepEqual({ ...store.snapshot(), next: 0 }, { ...left, next: 0 });
  store.redo();
  assert.equal(store.objects.objects[0].points.length, 2);
  store.undo();
  store.undo();
  assert.equal(store.objects.objects[0].points.length, 0);
  store.settings.mode = "concepts";
  store.redo();
  assert.equal(store.concepts.concepts[0].exemplars.length, 1);
});

test("what was left is not touched by what is done after it was entered", () => {
  const store = prompted("red");
  const left = store.snapshot();
  const before = JSON.stringify(left);
  store.enter(left, false);
  store.settings.nms.iou = 0.1;
  run(store, "green");
  assert.equal(JSON.stringify(left), before);
});

test("listeners are told once of an image that is entered", () => {
  const store = prompted("red");
  const left = store.snapshot();
  let told = 0;
  store.listen(() => {
    told += 1;
  });
  store.enter(left, true);
  assert.equal(told, 1);
});

test("how results are drawn stays over a change of image, what is asked is each one's own", () => {
  const store = prompted("red");
  store.settings.score_threshold = 0.3;
  store.settings.mode = "objects";
  const left = store.snapshot();
  store.enter(null, false);
  Object.assign(store.settings, { mode: "concepts", score_threshold: 0.7, positive: false });
  store.settings.style.opacity = 0.9;
  store.enter(left, false);
  const { mode, score_threshold, positive, style } = store.settings;
  assert.deepEqual([mode, score_threshold, positive, style.opacity], ["objects", 0.3, false, 0.9]);
});

test("shared words hold for the next image, with all that is asked alike", () => {
  const store = prompted("red, green");
  store.changeConcepts((doc) => {
    doc.concepts[1].threshold = 0.2;
  });
  Object.assign(store.settings, { score_threshold: 0.7, nms: { mode: "off", iou: 0.4 } });
  store.settings.cleanup = { fill_holes: 5, min_area: 6, simplify: 0 };
  toggle(store, "green");
  const left = store.snapshot();
  store.enter(null, true);
  const { words, concepts: entered } = store.concepts;
  assert.equal(words, "red, green");
  assert.deepEqual(
    entered.map(({ text, threshold, slot, exemplars }) => [text, threshold, slot, exemplars]),
    [
      ["red", null, 0, []],
      ["green", 0.2, 1, []],
    ],
  );
  const ids = left.concepts.concepts.map(({ id }) => id);
  assert.ok(entered.every(({ id }) => !ids.includes(id)));
  const { nms, cleanup, score_threshold } = store.settings;
  assert.deepEqual(
    [nms, cleanup, score_threshold],
    [left.settings.nms, left.settings.cleanup, 0.7],
  );
  assert.deepEqual([store.hiddenIds, store.canUndo], [[], false]);
});

test("shared words leave an image its boxes, and undo brings back what they replaced", () => {
  const store = prompted("green, red");
  const [boxed] = store.concepts.concepts;
  const left = store.snapshot();
  const other = prompted("Green, blue");
  const chosen = {
    score_threshold: 0.7,
    /** @type {{ mode: "off", iou: number }} */
    nms: { mode: "off", iou: 0.4 },
    cleanup: { fill_holes: 5, min_area: 6, simplify: 0 },
  };
  Object.assign(other.settings, chosen);
  other.enter(left, true);
  const { score_threshold, nms, cleanup } = other.settings;
  assert.deepEqual({ score_threshold, nms, cleanup }, chosen);
  assert.equal(other.concepts.words, "Green, blue");
  assert.deepEqual(
    other.concepts.concepts.map(({ text, slot }) => [text, slot]),
    [
      ["Green", 0],
      ["blue", 1],
    ],
  );
  assert.deepEqual(other.concepts.concepts[0].exemplars, boxed.exemplars);
  assert.equal(other.concepts.concepts[0].id, boxed.id);
  other.undo();
  assert.deepEqual(other.concepts, left.concepts);
});

test("concepts of boxes only stay beside shared words, in a colour of their own", () => {
  const store = newStore();
  store.changeConcepts((doc) => addExemplar(doc, { box: BOX, positive: true }, store.giveId));
  const left = store.snapshot();
  const words = newStore();
  run(words, "red, green");
  words.enter(left, true);
  assert.deepEqual(
    words.concepts.concepts.map(({ text, slot }) => [text, slot]),
    [
      ["red", 0],
      ["green", 1],
      [null, 2],
    ],
  );
  assert.equal(words.concepts.active, 2);
});

test("words and boxes together are no more concepts than there may be", () => {
  const store = newStore();
  store.changeConcepts((doc) => addExemplar(doc, { box: BOX, positive: true }, store.giveId));
  const left = store.snapshot();
  const words = newStore();
  run(words, Array.from({ length: 16 }, (_, number) => `word ${number}`).join(", "));
  words.enter(left, true);
  assert.equal(words.concepts.concepts.length, 16);
  assert.ok(words.concepts.concepts.every(({ text }) => text));
});

test("of very many steps the last ones are kept, and none where they are too long", () => {
  const store = newStore();
  for (let step = 0; step < 70; step += 1) run(store, `word ${step}`);
  const { undo } = trimmed(store.snapshot());
  assert.equal(undo.concepts.length, 50);
  assert.equal(undo.concepts.at(-1)?.words, "word 68");
  run(store, "x".repeat(200_000));
  run(store, "red");
  const short = trimmed(store.snapshot());
  assert.deepEqual(short.undo, { concepts: [], objects: [] });
  assert.equal(short.concepts.words, "red");
  assert.equal(store.snapshot().undo.concepts.length, 72);
});

for (const kept of [
  undefined,
  null,
  "{",
  [],
  1,
  { settings: { iou_threshold: 0.7 }, concepts: {}, objects: {} },
  { version: VERSION - 1 },
  { version: VERSION + 1 },
]) {
  test(`nothing is taken from ${JSON.stringify(kept)}`, () => {
    assert.equal(readSnapshot(kept), null);
  });
}
