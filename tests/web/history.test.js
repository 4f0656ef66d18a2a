// A document with undo.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../sam3_playground/ui/web/state/history.js";

/** @param {string} letters that were added one by one */
function written(letters) {
  const history = createHistory({ text: "" });
  for (const letter of letters) add(history, letter);
  return history;
}

/**
 * @param {ReturnType<typeof written>} history
 * @param {string} letter
 */
function add(history, letter, undoable = true) {
  return history.change((doc) => {
    doc.text += letter;
  }, undoable);
}

test("undo and redo go through every change", () => {
  const history = written("abc");
  const seen = [history.now.text];
  while (history.undo()) seen.push(history.now.text);
  while (history.redo()) seen.push(history.now.text);
  assert.deepEqual(seen, ["abc", "ab", "a", "", "a", "ab", "abc"]);
});

test("it says whether there is something to undo or redo", () => {
  const history = written("");
  assert.deepEqual([history.canUndo, history.canRedo], [false, false]);
  add(history, "a");
  assert.deepEqual([history.canUndo, history.canRedo], [true, false]);
  history.undo();
  assert.deepEqual([history.canUndo, history.canRedo], [false, true]);
  assert.equal(history.undo(), false);
});

test("a change after undo ends what could be redone", () => {
  const history = written("ab");
  history.undo();
  add(history, "x");
  assert.equal(history.canRedo, false);
  assert.equal(history.now.text, "ax");
  assert.deepEqual(
    history.all.map(({ text }) => text),
    ["", "a", "ax"],
  );
});

test("an edit that changes nothing is no step", () => {
  const history = written("a");
  assert.equal(
    history.change((doc) => {
      doc.text = "a";
    }, true),
    false,
  );
  history.undo();
  assert.equal(history.now.text, "");
});

test("a change that is not undone leaves no step, and what can be redone", () => {
  const history = written("ab");
  history.undo();
  add(history, "!", false);
  assert.equal(history.now.text, "a!");
  history.redo();
  assert.equal(history.now.text, "ab");
  history.undo();
  assert.equal(history.now.text, "a!");
});

test("what was there before is not touched by later changes", () => {
  const history = createHistory({ list: [{ x: 1 }] });
  const before = history.now;
  history.change((doc) => {
    doc.list[0].x = 2;
  }, true);
  assert.deepEqual(before, { list: [{ x: 1 }] });
});

test("a restart leaves no way back", () => {
  const history = written("ab");
  history.undo();
  history.restart({ text: "new" });
  assert.deepEqual(
    [history.now.text, history.canUndo, history.canRedo, history.all.length],
    ["new", false, false, 1],
  );
});

test("it starts again where it was left, and leaves that as it was", () => {
  const history = written("abc");
  history.undo();
  const { now, past, future } = history;
  const later = createHistory({ text: "" });
  later.restart(now, past, future);
  later.undo();
  later.redo();
  later.redo();
  assert.equal(later.now.text, "abc");
  assert.deepEqual(
    [past.map(({ text }) => text), future.map(({ text }) => text)],
    [["", "a"], ["abc"]],
  );
});
