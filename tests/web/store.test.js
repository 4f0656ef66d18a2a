// The store: what is asked for, what is undone, and what stays over a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addExemplar, removeConcept } from "../../sam3_playground/ui/web/state/concepts.js";
import { addClick, addObject } from "../../sam3_playground/ui/web/state/objects.js";
import { readSnapshot } from "../../sam3_playground/ui/web/state/snapshot.js";
import { BOX, concepts, newStore, run, SEPARATORS, toggle } from "./made.js";

/** @typedef {ReturnType<typeof newStore>} Store */

/** @param {Store} store */
function click(store) {
  store.changeObjects((doc) => addClick(doc, { x: 1, y: 2, positive: true }));
}

/**
 * @param {Store} store
 * @param {string} text
 */
function drop(store, text) {
  const concept = store.concepts.concepts.find((one) => one.text === text);
  assert.ok(concept);
  store.changeConcepts((doc) => removeConcept(doc, concept.id, SEPARATORS));
}

test("listeners are told of a change, and of nothing that is none", () => {
  const store = newStore();
  let told = 0;
  store.listen(() => {
    told += 1;
  });
  run(store, "red");
  run(store, "red");
  store.redo();
  assert.equal(told, 1);
  store.undo();
  store.undo();
  assert.equal(told, 2);
});

test("listeners are told of what is hidden, of another image, and of what was kept", () => {
  const store = newStore();
  let told = 0;
  store.listen(() => {
    told += 1;
  });
  store.toggleHidden({ id: "1:0", prompt: "" });
  assert.equal(told, 1);
  store.restore(store.snapshot());
  assert.equal(told, 2);
  store.enter(null, false);
  assert.equal(told, 3);
});

test("at first a click includes", () => {
  assert.equal(newStore().settings.positive, true);
});

test("each tab undoes its own", () => {
  const store = newStore();
  run(store, "red");
  click(store);
  store.undo();
  assert.deepEqual(concepts(store), []);
  assert.equal(store.objects.objects[0].points.length, 1);
  store.settings.mode = "objects";
  assert.deepEqual([store.canUndo, store.canRedo], [true, false]);
  store.undo();
  assert.equal(store.objects.objects[0].points.length, 0);
  store.redo();
  assert.equal(store.objects.objects[0].points.length, 1);
});

test("no id is given twice, not to the other tab nor after undo", () => {
  const store = newStore();
  const seen = [store.objects.objects[0].id];
  run(store, "red, green");
  seen.push(...store.concepts.concepts.map(({ id }) => id));
  store.undo();
  run(store, "blue");
  seen.push(...store.concepts.concepts.map(({ id }) => id));
  click(store);
  store.changeObjects((doc) => addObject(doc, 32, store.giveId));
  seen.push(store.objects.objects[1].id);
  store.clear();
  run(store, "red");
  seen.push(...store.concepts.concepts.map(({ id }) => id));
  assert.equal(new Set(seen).size, 6);
});

test("undo brings back who was there, with id and slot", () => {
  const store = newStore();
  run(store, "red, green, blue");
  const before = concepts(store);
  drop(store, "red");
  run(store, "rose, green, blue");
  assert.deepEqual(concepts(store)[0].slice(1), [0, "rose"]);
  store.undo();
  store.undo();
  assert.deepEqual(concepts(store), before);
  store.redo();
  store.redo();
  assert.deepEqual(concepts(store)[0].slice(1), [0, "rose"]);
});

test("clear empties the open tab alone, and undo brings all of it back", () => {
  const store = newStore();
  run(store, "red");
  click(store);
  const before = concepts(store);
  store.clear();
  assert.deepEqual(store.concepts, { words: "", concepts: [], active: 0, mending: null });
  assert.equal(store.objects.objects[0].points.length, 1);
  store.undo();
  assert.deepEqual(concepts(store), before);
  store.settings.mode = "objects";
  const [object] = store.objects.objects;
  store.clear();
  assert.notEqual(store.objects.objects[0].id, object.id);
  store.undo();
  assert.deepEqual(store.objects.objects, [object]);
});

test("another image leaves the words in their field and nothing else, not even to undo", () => {
  const store = newStore();
  run(store, "red");
  toggle(store, "red");
  click(store);
  const { id } = store.objects.objects[0];
  store.enter(null, false);
  assert.deepEqual(store.concepts, { words: "red", concepts: [], active: 0, mending: null });
  assert.notEqual(store.objects.objects[0].id, id);
  assert.deepEqual([store.canUndo, store.canRedo], [false, false]);
  assert.deepEqual(store.settings.hidden, { concepts: [], objects: [] });
  run(store, "red");
  assert.deepEqual(store.hiddenIds, []);
});

test("who is hidden stays so beside new words, in front and behind", () => {
  const store = newStore();
  run(store, "red");
  toggle(store, "red");
  const ids = store.hiddenIds;
  assert.equal(ids.length, 1);
  run(store, "green, red, blue");
  assert.deepEqual(store.hiddenIds, ids);
  run(store, "green");
  assert.deepEqual(store.hiddenIds, []);
});

test("a concept that undo brings back is hidden or not as it was", () => {
  const store = newStore();
  run(store, "red, green");
  toggle(store, "red");
  const ids = store.hiddenIds;
  drop(store, "red");
  assert.deepEqual(store.hiddenIds, []);
  store.undo();
  assert.deepEqual(store.hiddenIds, ids);
  toggle(store, "red");
  drop(store, "red");
  store.undo();
  assert.deepEqual(store.hiddenIds, []);
});

test("hiding is no step of undo", () => {
  const store = newStore();
  run(store, "red");
  run(store, "red, green");
  toggle(store, "red");
  const ids = store.hiddenIds;
  store.undo();
  assert.deepEqual([concepts(store).length, store.hiddenIds], [1, ids]);
});

test("what can no longer come back is forgotten", () => {
  const store = newStore();
  run(store, "red");
  store.undo();
  store.redo();
  toggle(store, "red");
  store.undo();
  assert.equal(store.settings.hidden.concepts.length, 1);
  run(store, "green");
  assert.equal(store.settings.hidden.concepts.length, 0);
});

test("a hidden object stays so with another mask, and what follows it is seen", () => {
  const store = newStore();
  store.settings.mode = "objects";
  click(store);
  const { id } = store.objects.objects[0];
  store.toggleHidden({ id: String(id), prompt: "" });
  click(store);
  store.changeObjects((doc) => addObject(doc, 32, store.giveId));
  click(store);
  assert.deepEqual(store.hiddenIds, [String(id)]);
});

test("all is there again after a reload, and no id is given twice", () => {
  const store = newStore();
  run(store, "red, green");
  store.changeConcepts((doc) => addExemplar(doc, { box: BOX, positive: true }, store.giveId));
  toggle(store, "green");
  store.settings.nms = { mode: "across", iou: 0.3 };
  const kept = readSnapshot(JSON.parse(JSON.stringify(store.snapshot())));
  const later = newStore();
  assert.ok(kept);
  later.restore(kept);
  assert.deepEqual(later.snapshot(), store.snapshot());
  assert.deepEqual(later.hiddenIds, store.hiddenIds);
  later.undo();
  assert.deepEqual(concepts(later), concepts(store));
  later.undo();
  assert.deepEqual(concepts(later), []);
  later.redo();
  later.redo();
  run(later, "red, green, blue");
  const given = concepts(store).map(([id]) => id);
  assert.ok(!given.includes(concepts(later)[2][0]));
  assert.notEqual(concepts(later)[2][0], store.objects.objects[0].id);
});
