// What the page draws by itself: masks, their borders, which of them, and where labels stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inkOn, placed } from "../../sam3_playground/ui/web/drawing/labels.js";
import {
  colourOf,
  listed,
  lookOf,
  painted,
  seen,
} from "../../sam3_playground/ui/web/drawing/look.js";
import { packed, paint } from "../../sam3_playground/ui/web/drawing/paint.js";
import {
  areaOf,
  frameOf,
  holds,
  outlineOf,
  spansIn,
} from "../../sam3_playground/ui/web/drawing/runs.js";
import { instance, newStore, row } from "./made.js";

/** @import { Style } from "../../sam3_playground/ui/web/types.d.ts" */

const WIDTH = 12;
const HEIGHT = 8;
const RED = "#e6194b";
const BLUE = "#1f9bff";

/**
 * The stretches of a rectangle.
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
const block = (x0, y0, x1, y1) =>
  Uint32Array.from(
    Array.from({ length: y1 - y0 }, (_, line) => [
      (y0 + line) * WIDTH + x0,
      (y0 + line) * WIDTH + x1,
    ]).flat(),
  );

/**
 * A picture as rows of letters.
 * @param {(pixel: number) => string} letter
 */
const drawn = (letter) =>
  Array.from({ length: HEIGHT }, (_, y) =>
    Array.from({ length: WIDTH }, (__, x) => letter(y * WIDTH + x)).join(""),
  );

// As pycocotools writes runs.
for (const [counts, spans] of /** @type {[string, number[]][]} */ ([
  ["7", []],
  ["07", [0, 7]],
  ["232", [2, 5]],
  ["23104", [2, 5, 6, 9]],
  ["X15le0[n1UZOaRNSl0", [40, 45, 745, 2745, 2746, 2779]],
  ["PeQ335Nc[1W1K", [100_000, 100_003, 100_008, 100_009, 101_409, 101_449]],
])) {
  test(`"${counts}" are the stretches ${spans}`, () => {
    assert.deepEqual([...spansIn(counts)], spans);
  });
}

test("a pixel is in a stretch from its start up to its end, which is the next one's", () => {
  const spans = Uint32Array.of(3, 5, 7, 9);
  const inside = [0, 2, 3, 4, 5, 6, 7, 8, 9, 90].filter((pixel) => holds(spans, pixel));
  assert.deepEqual(inside, [3, 4, 7, 8]);
  assert.equal(areaOf(spans), 4);
  assert.equal(holds(new Uint32Array(), 0), false);
});

test("a frame holds a mask, and one that goes on in the next row too", () => {
  assert.deepEqual(frameOf(block(2, 1, 7, 6), WIDTH), [2, 1, 7, 6]);
  assert.deepEqual(frameOf(Uint32Array.of(10, 15), WIDTH), [0, 0, 12, 2]);
  assert.equal(frameOf(new Uint32Array(), WIDTH), null);
});

test("an outline follows the border, around holes too, and stays in the picture", () => {
  const ring = Uint32Array.from([
    ...block(0, 0, 9, 2),
    ...[2, 3, 4].flatMap((y) => [y * WIDTH, y * WIDTH + 3, y * WIDTH + 6, y * WIDTH + 9]),
    ...block(0, 5, 9, 8),
  ]);
  const thin = outlineOf(ring, [HEIGHT, WIDTH], 1);
  assert.deepEqual(
    drawn((pixel) => (holds(thin, pixel) ? "#" : ".")),
    [
      "#########...",
      "#..###..#...",
      "#.#...#.#...",
      "#.#...#.#...",
      "#.#...#.#...",
      "#..###..#...",
      "#.......#...",
      "#########...",
    ],
  );
  const thick = outlineOf(block(9, 2, 12, 6), [HEIGHT, WIDTH], 3);
  assert.ok(!holds(thick, 3 * WIDTH)); // not on the other side of the picture
  assert.ok(holds(thick, WIDTH + 10));
});

/** @type {Pick<Style, "opacity" | "masks" | "outlines" | "boxes">} */
const FILLS = { opacity: 0.5, masks: true, outlines: false, boxes: false };

/**
 * @param {Partial<Style>} style
 * @param {ReturnType<typeof block>[]} masks of the first colour, and of the second
 */
function picture(style, ...masks) {
  const pixels = new Uint32Array(WIDTH * HEIGHT);
  const layers = masks.map((spans, place) => ({
    spans,
    area: areaOf(spans),
    colour: [RED, BLUE][place],
    outline: () => outlineOf(spans, [HEIGHT, WIDTH], 1),
  }));
  paint(pixels, { size: [HEIGHT, WIDTH], line: 1 }, layers, { ...FILLS, ...style });
  const letters = new Map([
    [0, "."],
    [packed(RED, 0.5), "r"],
    [packed(BLUE, 0.5), "b"],
    [packed(RED, 1), "R"],
    [packed(BLUE, 1), "B"],
  ]);
  return drawn((pixel) => letters.get(pixels[pixel]) ?? "?");
}

test("the smaller mask lies on the larger one whichever is listed first", () => {
  const [large, small] = [block(1, 1, 9, 7), block(3, 3, 6, 5)];
  assert.equal(picture({}, large, small)[3], ".rrbbbrrr...");
  assert.equal(picture({}, small, large)[3], ".bbrrrbbb...");
  assert.equal(picture({}, large)[3], ".rrrrrrrr..."); // what a hidden one covered
});

test("lines lie on all fills, in the order of the list", () => {
  const layers = [block(1, 1, 9, 7), block(3, 3, 6, 5)];
  assert.equal(picture({ outlines: true }, ...layers)[3], ".RrBBBrrR...");
  assert.equal(picture({ masks: false, boxes: true }, block(1, 1, 5, 4))[2], ".R...R......");
});

test("a colour lies in memory as red, green, blue and how much of it", () => {
  assert.deepEqual(
    [...new Uint8Array(Uint32Array.of(packed(RED, 0.4)).buffer)],
    [0xe6, 0x19, 0x4b, 102],
  );
});

/**
 * @param {{ threshold?: number | null, common?: number, hidden?: string[] }} changes
 */
const look = ({ threshold = null, common = 0.5, hidden = [] }) =>
  lookOf({
    style: newStore().settings.style,
    hidden,
    score_threshold: common,
    concepts: [{ id: 1, slot: 0, text: "red", exemplars: [], corrections: [], threshold }],
  });
const ROWS = [
  row({
    instances: [
      instance("1:0", { score: 0.9 }),
      instance("1:1", { score: 0.6 }),
      instance("1:2", { score: 0.8, area: 0 }),
    ],
  }),
  row({ id: 2, instances: [instance("2", { score: 0.1 })] }), // an object has no threshold
];

for (const [changes, ids] of /** @type {[Parameters<typeof look>[0], string[]][]} */ ([
  [{}, ["1:0", "1:1", "2"]],
  [{ common: 0.6 }, ["1:0", "1:1", "2"]],
  [{ common: 0.61 }, ["1:0", "2"]],
  [{ common: 0.95 }, ["2"]],
  [{ common: 0.95, threshold: 0.6 }, ["1:0", "1:1", "2"]],
  [{ hidden: ["1:0", "2"] }, ["1:1"]],
])) {
  test(`with ${JSON.stringify(changes)} are seen ${ids}`, () => {
    assert.deepEqual(
      seen(ROWS, look(changes)).map(({ id }) => id),
      ids,
    );
  });
}

test("the list holds hidden ones too, and none without pixels", () => {
  assert.deepEqual(
    listed(ROWS[0], 0.5).map(({ id }) => id),
    ["1:0", "1:1"],
  );
});

test("another picture is wanted where another one is seen, and not where the same is", () => {
  const now = painted(ROWS, look({}));
  assert.equal(painted(ROWS, look({ common: 0.55 })), now);
  assert.notEqual(painted(ROWS, look({ common: 0.7 })), now);
  assert.notEqual(painted(ROWS, look({ hidden: ["1:1"] })), now);
  const other = look({});
  other.style.labels = false; // which are drawn apart
  assert.equal(painted(ROWS, other), now);
  other.style.opacity = 0.2;
  assert.notEqual(painted(ROWS, other), now);
});

test("a colour is the concept's or the instance's", () => {
  const one = instance("1:0", { colours: [3, 7] });
  assert.equal(colourOf(one, { colour_by: "concept" }), 3);
  assert.equal(colourOf(one, { colour_by: "instance" }), 7);
});

const ROOM = { width: 300, height: 200 };

test("labels stand above their boxes, below each other where these are the same", () => {
  const box = /** @type {[number, number, number, number]} */ ([50, 60, 120, 130]);
  const labels = Array.from({ length: 5 }, () => ({ box, width: 40 }));
  const ys = placed(labels, 18, ROOM).map((place) => place?.y ?? null);
  assert.deepEqual(ys, [42, 60, 130, 112, null]);
});

test("a label stays in sight with its box, and goes with it", () => {
  /** @type {[number, number, number, number][]} */
  const boxes = [
    [-30, -30, 40, 40],
    [280, 190, 340, 260],
    [310, 10, 350, 40],
    [10, -90, 50, -20],
  ];
  const labels = boxes.map((box) => ({ box, width: 60 }));
  assert.deepEqual(placed(labels, 18, ROOM), [
    { x: 0, y: 0, width: 60, height: 18 },
    { x: 240, y: 172, width: 60, height: 18 },
    null,
    null,
  ]);
});

test("letters are black on light colours and white on dark ones", () => {
  assert.equal(inkOn("#ffb000"), "#000");
  assert.equal(inkOn("#4363d8"), "#fff");
});
