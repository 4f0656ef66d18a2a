// Prompts and settings in a link or a file: what goes in comes out, and nothing else gets in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { promisify } from "node:util";
import { deflateRaw } from "node:zlib";
import { addClick } from "../../sam3_playground/ui/web/state/objects.js";
import { packed, unpacked } from "../../sam3_playground/ui/web/state/packed.js";
import {
  isFor,
  likeSize,
  linkOf,
  parcelIn,
  parcelName,
  readParcel,
  snapshotOf,
} from "../../sam3_playground/ui/web/state/parcel.js";
import { VERSION } from "../../sam3_playground/ui/web/state/snapshot.js";
import { newStore, run, SETUP } from "./made.js";
import { IMAGE, parcel, worked } from "./worked.js";

const PAGE = "https://example.org/play/";

/**
 * All that is asked, with ids by the order in which they come.
 * @param {ReturnType<typeof newStore>} store
 */
function content(store) {
  const { settings, concepts, objects } = store.snapshot();
  const { hidden: _, ...chosen } = settings;
  const hidden = store.hiddenIds.toSorted();
  const ids = [...concepts.concepts, ...objects.objects].flatMap((one) => [
    `${one.id}`,
    ...("corrections" in one ? one.corrections.map(({ id }) => id) : []),
  ]);
  const added = ids.filter((id) => id.includes("+"));
  const known = (/** @type {string} */ id) => {
    const [owner, rest = ""] = id.split(":");
    return `${ids.indexOf(owner)}:${rest.startsWith("+") ? added.indexOf(id) : rest}`;
  };
  /** @param {string} name @param {unknown} value */
  const named = (name, value) => (name === "id" ? known(String(value)) : value);
  const all = { chosen, concepts: { ...concepts, mending: null }, objects };
  return { ...JSON.parse(JSON.stringify(all, named)), hidden: hidden.map(known).toSorted() };
}

test("a link brings back both tabs, settings, what was mended and what is hidden", async () => {
  const store = worked();
  const link = await linkOf(parcel(store), PAGE);
  assert.match(link, /^https:\/\/example\.org\/play\/#prompts=[\w-]+$/u);
  assert.ok(link.length < 1500, `${link.length} letters`);
  const read = await parcelIn(new URL(link).hash, SETUP);
  assert.ok(read);
  assert.deepEqual(read, parcel(store));
  assert.deepEqual(read.image, IMAGE);
  const other = newStore();
  for (const words of ["one", "two", "three"]) run(other, words);
  const mine = other.snapshot();
  other.restore(snapshotOf(read, other.giveId));
  const own = content(store);
  assert.equal(store.concepts.concepts.flatMap((one) => one.corrections).length, 4);
  assert.equal(own.hidden.length, 3);
  assert.deepEqual(content(other), own);
  const ids = [...mine.concepts.concepts, ...mine.objects.objects].map(({ id }) => id);
  const now = [...other.concepts.concepts, ...other.objects.objects].map(({ id }) => id);
  assert.ok(now.every((id) => !ids.includes(id)));
  assert.ok(other.giveId() > Math.max(...now));
  assert.equal(other.canUndo, false);
});

test("an empty page fits into a link too", async () => {
  const store = newStore();
  const read = await parcelIn(new URL(await linkOf(parcel(store), PAGE)).hash, SETUP);
  assert.ok(read);
  const other = newStore();
  other.restore(snapshotOf(read, other.giveId));
  assert.deepEqual(content(other), content(store));
});

test("prompts are taken over an open image's own, and undo leads back in each tab", () => {
  const store = newStore();
  run(store, "green");
  store.changeObjects((doc) => addClick(doc, { x: 9, y: 9, positive: true }));
  const before = content(store);
  store.toggleHidden({ id: String(store.objects.objects[0].id), prompt: "" });
  store.take(snapshotOf(parcel(worked()), store.giveId));
  assert.deepEqual(content(store), content(worked()));
  store.undo();
  store.settings.mode = "concepts";
  store.undo();
  const { concepts, objects } = content(store);
  assert.deepEqual({ concepts, objects }, { concepts: before.concepts, objects: before.objects });
  assert.equal(store.hiddenIds.length, 1);
  store.redo();
  assert.deepEqual(content(store).concepts, content(worked()).concepts);
});

for (const hash of ["", "#", "#top", "#prompt=abc", "?prompts=abc"]) {
  test(`an address with ${hash || "nothing"} holds no prompts`, () => {
    assert.equal(parcelIn(hash, SETUP), null);
  });
}

for (const [name, change] of Object.entries({
  empty: () => "",
  "cut in the middle": (/** @type {string} */ letters) => letters.slice(0, letters.length / 2),
  "with a letter more": (/** @type {string} */ letters) => `${letters}AAAA`,
  "of other letters": () => "%3Cscript%3E",
  "changed inside": (/** @type {string} */ letters) =>
    `${letters.slice(0, 9)}___${letters.slice(12)}`,
})) {
  test(`a link that came ${name} is refused in words`, async () => {
    const letters = await packed(JSON.stringify(parcel(worked())));
    const read = parcelIn(`#prompts=${change(letters)}`, SETUP);
    await assert.rejects(async () => read, /cut short or was changed|holds no prompts/u);
  });
}

test("a few letters that stand for very many bytes are given up in time", async () => {
  const bomb = await promisify(deflateRaw)(Buffer.alloc(2 ** 26, " "));
  const letters = bomb.toString("base64url");
  assert.ok(letters.length < 10 ** 5);
  await assert.rejects(unpacked(letters, SETUP.limits.bytes), /expected at most 2097152 bytes/u);
});

for (const text of [
  "",
  "{",
  "null",
  "[]",
  "7",
  '"sam3-playground"',
  '{"format":"coco"}',
  "[".repeat(10 ** 6),
]) {
  test(`a file with ${text.slice(0, 20) || "nothing"} in it holds no prompts`, () => {
    assert.throws(() => readParcel(text, SETUP), /^Error: it holds no prompts of this page$/u);
  });
}

for (const version of [VERSION - 1, VERSION + 1, String(VERSION), null, undefined]) {
  test(`prompts of version ${version} are refused by their version`, () => {
    const json = JSON.stringify({ ...parcel(worked()), version });
    assert.throws(() => readParcel(json, SETUP), /another version of this page wrote it/u);
  });
}

test("ids as large as there may be do not use up those of the page", () => {
  const own = newStore();
  run(own, "cat");
  const { concepts, ...others } = parcel(own);
  const [cat] = concepts.concepts;
  const large = { ...concepts, concepts: [{ ...cat, id: SETUP.limits.id }] };
  const read = readParcel(JSON.stringify({ ...others, concepts: large }), SETUP);
  const store = newStore();
  store.restore(snapshotOf(read, store.giveId));
  assert.ok(store.giveId() < 10);
});

test("prompts know their image by its name or its bytes, and by its size where a place is asked", () => {
  const own = parcel(worked());
  const other = { name: "other.jpg", bytes: 1, size: IMAGE.size };
  /** @type {[number, number]} */
  const large = [960, 1280];
  assert.equal(isFor(own, IMAGE), true);
  assert.equal(isFor(own, { ...IMAGE, name: "renamed.jpg" }), true);
  assert.equal(isFor(own, { ...IMAGE, bytes: 1 }), true);
  assert.equal(isFor(own, { ...IMAGE, size: null }), true);
  assert.equal(isFor(own, { ...IMAGE, size: large }), false);
  assert.equal(isFor(own, other), false);
  assert.deepEqual([likeSize(own, other), likeSize(own, { ...other, size: large })], [true, false]);
  assert.equal(likeSize(own, { ...other, size: null }), null);
  const words = newStore();
  run(words, "cat");
  assert.equal(isFor(parcel(words), { ...IMAGE, size: large }), true);
});

test("a file of prompts is called as its image", () => {
  assert.equal(parcelName("a.b.jpg"), "a.b.sam3.json");
  assert.equal(parcelName("image"), "image.sam3.json");
});
