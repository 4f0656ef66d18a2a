// The images of a tab: their order, closing, and bringing back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlbum } from "../../sam3_playground/ui/web/state/album.js";

/**
 * @param {string} ids of one letter
 * @param {string} current
 */
function albumOf(ids, current) {
  /** @type {import("../../sam3_playground/ui/web/state/album.js").Album<{ id: string }>} */
  const album = createAlbum();
  album.add([...ids].map((id) => ({ id })));
  album.show(current);
  return album;
}

/** @param {ReturnType<typeof albumOf>} album */
const letters = ({ list }) => list.map(({ id }) => id).join("");

test("new images stand behind the others, and none twice", () => {
  const album = albumOf("ab", "a");
  album.add([{ id: "a" }, { id: "b" }, { id: "c" }]);
  assert.equal(letters(album), "abc");
  assert.deepEqual([album.has("c"), album.has("d")], [true, false]);
});

test("which one is on the screen, and which are beside it", () => {
  const album = albumOf("abc", "b");
  assert.equal(album.current?.id, "b");
  assert.equal(album.beside(-1)?.id, "a");
  assert.equal(album.beside(1)?.id, "c");
  album.show("a");
  assert.equal(album.beside(-1), undefined);
  album.show("c");
  assert.equal(album.beside(1), undefined);
  album.show("");
  assert.equal(album.beside(1)?.id, "a");
});

for (const [current, ids, next] of [
  ["b", "b", "c"],
  ["d", "d", "c"],
  ["b", "bc", "d"],
  ["c", "cd", "b"],
  ["b", "a", undefined],
  ["b", "abcd", undefined],
]) {
  test(`in the place of ${current} comes ${next} when ${ids} are closed`, () => {
    const album = albumOf("abcd", String(current));
    assert.equal(album.close([...String(ids)])?.id, next);
    assert.equal(album.current?.id, ids?.includes(String(current)) ? undefined : current);
  });
}

test("what was closed last comes back to its place", () => {
  const album = albumOf("abcd", "c");
  album.close(["a"]);
  album.close(["b", "c"]);
  assert.deepEqual(
    album.closed.map(({ id }) => id),
    ["b", "c"],
  );
  assert.equal(album.reopen()?.id, "c");
  assert.equal(album.current, undefined); // until it is shown
  assert.equal(letters(album), "bcd");
  assert.deepEqual(album.closed, []);
  assert.equal(album.reopen(), undefined);
  assert.equal(letters(album), "bcd");
});

test("one that was not on the screen comes back beside it", () => {
  const album = albumOf("abc", "c");
  album.close(["a"]);
  assert.equal(album.reopen(), undefined);
  assert.deepEqual([letters(album), album.current?.id], ["abc", "c"]);
});

test("undo is about what was closed until something else is done", () => {
  const album = albumOf("abc", "c");
  assert.equal(album.fresh, false);
  album.close(["z"]);
  assert.equal(album.fresh, false);
  album.close(["a"]);
  assert.equal(album.fresh, true);
  album.settle();
  assert.deepEqual([album.fresh, album.closed.length], [false, 1]);
  album.close(["b"]);
  album.add([{ id: "d" }]);
  assert.equal(album.fresh, false);
  album.close(["c"]);
  album.reopen();
  assert.equal(album.fresh, false);
});

test("listeners are told of every change", () => {
  const album = albumOf("abc", "a");
  let told = 0;
  album.listen(() => {
    told += 1;
  });
  /** @type {(() => unknown)[]} */
  const changes = [
    () => album.add([{ id: "d" }]),
    () => album.show("b"),
    () => album.share(true),
    () => album.close(["c"]),
    () => album.settle(),
    () => album.reopen(),
    () => album.tell(),
  ];
  for (const [number, change] of changes.entries()) {
    change();
    assert.equal(told, number + 1);
  }
  album.settle();
  album.close(["z"]);
  assert.equal(told, changes.length);
  assert.equal(album.shared, true);
});
