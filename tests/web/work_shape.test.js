// Prompts from elsewhere: whatever cannot be is refused, and the words say what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readParcel } from "../../sam3_playground/ui/web/state/parcel.js";
import { BOX, SETUP } from "./made.js";
import { parcel, worked } from "./worked.js";

const OWN = parcel(worked());
const [, CAT] = OWN.concepts.concepts;
const SEED = { text: "cat", exemplars: [], candidate: 0, box: BOX };
const SEEDS = Array.from({ length: 32 }, (_, at) => ({ ...SEED, text: `cat ${at}` }));
const STEP = { points: [{ x: 1, y: 1, positive: true }], box: null, choice: 0 };

/**
 * @template Value
 * @param {number} count
 * @param {Value} value
 * @returns {Value[]}
 */
const times = (count, value) => new Array(count).fill(value);

/** @param {number} depth */
function deep(depth) {
  let step = { ...STEP, base: /** @type {unknown} */ (null) };
  for (let at = 0; at < depth; at += 1) step = { ...STEP, base: step };
  return step;
}

/**
 * The parcel with another value somewhere.
 * @param {string} path
 * @param {unknown} value
 */
function spoilt(path, value) {
  const all = JSON.parse(JSON.stringify(OWN));
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = all;
  for (const name of names) at = at[name];
  at[last] = value;
  return JSON.stringify(all).replace('"1e999"', "1e999");
}

/** @type {[string, string, unknown, RegExp][]} */
const WRONG = [
  ["a place that is no number", "objects.objects.0.points.0.x", "1", /x: .*number/u],
  ["an endless place", "objects.objects.0.points.0.x", "1e999", /x: .*number/u],
  ["a place off every image", "objects.objects.0.points.0.y", 1e7, /y: .*1000000/u],
  ["a sign that is none", "objects.objects.0.points.0.positive", 1, /positive/u],
  ["a box of three numbers", "objects.objects.1.box", [1, 2, 3], /box: .*list of 4/u],
  ["a box that is turned round", "objects.objects.1.box", [3, 2, 1, 4], /with an area/u],
  ["very many clicks", "objects.objects.0.points", times(101, STEP.points[0]), /points/u],
  [
    "very many boxes",
    "concepts.concepts.0.exemplars",
    times(101, { box: BOX, positive: true }),
    /exemplars/u,
  ],
  ["a very long text", "concepts.concepts.0.text", "x".repeat(257), /256 characters/u],
  ["an empty text", "concepts.concepts.0.text", "", /characters/u],
  ["half a letter", "concepts.concepts.0.text", "\ud800", /text/u],
  ["a text that is none", "concepts.words", { length: 3 }, /words: .*a text/u],
  ["too many concepts", "concepts.concepts", times(17, OWN.concepts.concepts[0]), /16/u],
  ["too many objects", "objects.objects", times(33, OWN.objects.objects[0]), /32/u],
  ["no object at all", "objects.objects", [], /list of 1 to 32/u],
  ["an object that is active and not there", "objects.active", 2, /active/u],
  ["two of one id", "objects.objects.1.id", OWN.objects.objects[0].id, /ids of their own/u],
  ["an id that is a word", "concepts.concepts.0.id", "__proto__", /whole number/u],
  ["half a colour", "concepts.concepts.0.slot", 0.5, /whole number/u],
  ["a threshold above one", "settings.score_threshold", 1.5, /score threshold/u],
  ["a mode that is none", "settings.mode", "constructor", /mode: expected one of/u],
  ["a suppression that is none", "settings.nms.mode", "all", /off, within, across/u],
  ["a view that is none", "settings.style.view", "<img src=x>", /view: expected one of/u],
  ["masks that are no flag", "settings.style.masks", "yes", /masks: .*true or false/u],
  ["no settings", "settings", undefined, /settings: expected something with fields/u],
  ["very many hidden ones", "hidden", times(10 ** 4, "1:1"), /hidden: expected a list/u],
  ["a hidden one of nothing", "hidden", ["99:1"], /hidden instance/u],
  ["markup in the place of an id", "hidden", ["<b>"], /hidden instance/u],
  ["a correction of another concept", "concepts.concepts.1.corrections.0.id", "99:1", /own id/u],
  [
    "an empty correction",
    "concepts.concepts.1.corrections.0",
    { id: `${CAT.id}:1`, replaces: [], parts: [] },
    /of something/u,
  ],
  [
    "two corrections of one",
    "concepts.concepts.1.corrections",
    times(2, CAT.corrections[0]),
    /one correction/u,
  ],
  ["very many parts", "concepts.concepts.1.corrections.0.parts", times(33, SEED), /parts: .*32/u],
  ["a mask refined very often", "objects.objects.0.base", deep(16), /at most 16 refined/u],
  ["a mask refined without end", "objects.objects.0.base", deep(2000), /at most 16 refined/u],
  [
    "more steps than are held",
    "concepts.concepts.1.corrections.0.parts",
    times(32, deep(16)),
    /at most 512 steps/u,
  ],
  [
    "more prompts that found something than are held",
    "concepts.concepts.1.corrections.0.replaces",
    SEEDS,
    /at most 32 prompts/u,
  ],
  ["an image that is a script", "image.url", "javascript:alert(1)", /http or https/u],
  ["an image that is a file", "image.url", "file:///etc/passwd", /http or https/u],
  ["a very long address", "image.url", `https://a/${"b".repeat(10 ** 4)}`, /2048/u],
  ["an image without a size", "image.size", [0, 640], /size/u],
  ["no image", "image", undefined, /image: expected something with fields/u],
];
for (const [name, path, value, why] of WRONG) {
  test(`prompts with ${name} are refused in words`, () => {
    assert.throws(
      () => readParcel(spoilt(path, value), SETUP),
      (error) => error instanceof Error && why.test(error.message),
    );
  });
}

test("what is as large as there may be is taken", () => {
  for (const [path, value] of /** @type {[string, unknown][]} */ ([
    ["objects.objects.0.base", deep(15)],
    ["objects.objects.0.points", times(100, STEP.points[0])],
    ["concepts.concepts.0.text", "\u{1F680}".repeat(256)],
    ["concepts.concepts.1.corrections.0.replaces", SEEDS.slice(1)],
    ["image.size", null],
  ])) {
    assert.deepEqual(readParcel(spoilt(path, value), SETUP), JSON.parse(spoilt(path, value)));
  }
});

test("what nobody asked for is left out, whatever it is called", () => {
  const json = JSON.stringify({ ...OWN, undo: [1], extra: { a: 1 } }).replace(
    '"settings":{',
    '"settings":{"__proto__":{"polluted":1},"constructor":2,"image":"x",',
  );
  const read = readParcel(json, SETUP);
  assert.deepEqual(read, OWN);
  assert.equal(Object.hasOwn(read.settings, "constructor"), false);
  assert.equal("polluted" in {}, false);
});
