// Answers belong to whom they are about, and say what there is to say.

/** @import { Answer, Ask, Concept, Row } from "../../sam3_playground/ui/web/types.d.ts" */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, note, summary, timingLine } from "../../sam3_playground/ui/web/state/phrases.js";
import { createRows } from "../../sam3_playground/ui/web/state/rows.js";
import { BOX, instance, row } from "./made.js";

/**
 * @param {number} id
 * @param {Partial<Concept>} [changes]
 * @returns {Concept}
 */
const concept = (id, changes) => ({
  id,
  slot: 0,
  text: "red",
  exemplars: [],
  threshold: null,
  corrections: [],
  ...changes,
});

/**
 * What rows are known after an answer.
 * @param {Concept[]} asked
 * @param {Row[]} rows
 */
function known(asked, rows) {
  const some = createRows();
  some.take(/** @type {Answer} */ ({ rows }), /** @type {Ask} */ ({ concepts: asked }));
  return some;
}

test("a row belongs to the concept with its id, wherever it stands", () => {
  const [first, second] = [row({ id: 1 }), row({ id: 2 })];
  const rows = known([concept(1), concept(2)], [second, first]);
  assert.equal(rows.of(concept(1)), first);
  assert.equal(rows.of(concept(2)), second);
});

test("a concept that was not answered has none, nor has one with other boxes or words", () => {
  const rows = known([concept(1)], [row({ id: 1 })]);
  assert.equal(rows.of(concept(3)), undefined);
  const exemplars = [{ box: BOX, positive: true }];
  assert.equal(rows.of(concept(1, { exemplars })), undefined);
  assert.equal(rows.of(concept(1, { text: "rose" })), undefined);
  assert.ok(rows.of(concept(1, { threshold: 0.9, slot: 4 })));
});

test("the next answer takes the place of all of the former one", () => {
  const rows = known([concept(1)], [row({ id: 1 })]);
  const ask = /** @type {Ask} */ ({ concepts: [concept(2)] });
  rows.take(/** @type {Answer} */ ({ rows: [row({ id: 2 })] }), ask);
  assert.equal(rows.of(concept(1)), undefined);
  rows.clear();
  assert.equal(rows.of(concept(2)), undefined);
});

for (const [changes, said] of /** @type {[Partial<Row>, string][]} */ ([
  [{ instances: [instance("1:0")] }, ""],
  [{ best: 0.42 }, "nothing above 0.50, the best was 0.42"],
  [{ best: 0.9, threshold: 0.95 }, "nothing above 0.95, the best was 0.90"],
  [{ best: 0.5 }, "nothing left of it"],
  [{ best: null }, "no candidate at all"],
  [{ instances: [instance("1:0", { area: 0 })] }, "nothing there: its mask is empty"],
  [{ best: 0.92 }, "nothing left of it"],
  [{ best: 0.92, suppressed: [{ label: "rose", count: 2 }] }, "2 suppressed by rose"],
  [
    { instances: [instance("1:0")], suppressed: [{ label: "red", count: 1 }] },
    "1 suppressed by red",
  ],
  [
    {
      suppressed: [
        { label: "rose", count: 2 },
        { label: "ruby", count: 1 },
      ],
    },
    "3 suppressed: 2 by rose, 1 by ruby",
  ],
])) {
  test(`a row says "${said}"`, () => {
    assert.equal(note(row(changes)), said);
  });
}

test("the summary counts, or says why there is nothing to count", () => {
  const rows = [
    row({ instances: [instance("1:0"), instance("1:1")] }),
    row({ label: "object 1", is_object: true }),
    row({ label: "blue", best: 0.1 }),
    row({ label: "ruby", suppressed: [{ label: "red", count: 1 }] }),
  ];
  assert.equal(
    summary({ mode: "concepts", rows }),
    "red: 2 · blue: nothing above 0.50, the best was 0.10 · ruby: 1 suppressed by red",
  );
  assert.match(summary({ mode: "concepts", rows: [] }), /Type words/u);
});

test("an object whose mask is empty is nothing there, and one without clicks is no object yet", () => {
  const rows = [
    row({ label: "object 1", is_object: true, instances: [instance("1")] }),
    row({ label: "object 2", is_object: true, instances: [instance("2", { area: 0 })] }),
    row({ label: "object 3", is_object: true, best: null }),
    row({ label: "red", best: 0.1 }),
  ];
  assert.equal(summary({ mode: "objects", rows }), "object 2: nothing there");
  assert.equal(summary({ mode: "objects", rows: rows.slice(0, 1) }), "");
});

test("instances of a concept are numbered, objects have their names", () => {
  assert.equal(nameOf({ label: "red", is_object: false }, 2), "red 2");
  assert.equal(nameOf({ label: "red", is_object: false }, 41, 1), "red +1");
  assert.equal(nameOf({ label: "left one", is_object: true }, 1), "left one");
});

const timings = { encode_ms: 12, prompt_ms: 34, total_ms: 56, network_calls: 1 };

test("the timing says what the network took, and what was suppressed how", () => {
  /** @type {Pick<Answer, "mode" | "nms" | "timings">} */
  const answer = { mode: "concepts", nms: { mode: "within", iou: 0.7 }, timings };
  assert.equal(
    timingLine(answer, 78.4),
    "encoding 12 ms · prompt 34 ms · server 56 ms · on screen after 78 ms · NMS within, IoU 0.70",
  );
  const kept = { ...timings, encode_ms: 0, network_calls: 0 };
  const off = timingLine({ ...answer, nms: { mode: "off", iou: 0.7 }, timings: kept }, 5);
  assert.match(off, /did not run.*NMS off$/u);
  assert.doesNotMatch(timingLine({ ...answer, mode: "objects" }, 5), /NMS/u);
});
