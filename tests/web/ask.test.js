// What Python is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { askOf } from "../../sam3_playground/ui/web/state/ask.js";
import { setWords } from "../../sam3_playground/ui/web/state/concepts.js";
import { addClick, addObject } from "../../sam3_playground/ui/web/state/objects.js";
import { newStore, SEPARATORS } from "./made.js";

const IMAGE = { data: "an id", preview: true };

/** A store with prompts in both tabs. */
function prompted() {
  const store = newStore();
  const { giveId } = store;
  store.changeConcepts((doc) =>
    setWords(doc, "red, green", { separators: SEPARATORS, most: 16, giveId }),
  );
  store.changeObjects((doc) => addClick(doc, { x: 1, y: 2, positive: true }));
  store.changeObjects((doc) => addObject(doc, 32, giveId));
  return store;
}

test("the tab of words asks for its concepts alone", () => {
  const store = prompted();
  const [red] = store.concepts.concepts;
  store.toggleHidden({ id: `${red.id}:0`, prompt: JSON.stringify(["red", []]) });
  assert.deepEqual(askOf(store, IMAGE), {
    image: "an id",
    preview: true,
    mode: "concepts",
    concepts: [
      { id: 2, slot: 0, text: "red", exemplars: [], threshold: null },
      { id: 3, slot: 1, text: "green", exemplars: [], threshold: null },
    ],
    objects: [],
    active: -1,
    score_threshold: 0.5,
    nms: { mode: "within", iou: 0.7 },
    cleanup: { fill_holes: 0, min_area: 0, simplify: 0 },
    style: {
      colour_by: "concept",
      opacity: 0.45,
      masks: true,
      outlines: true,
      boxes: false,
      labels: true,
      label_scale: 1,
    },
    hidden: ["2:0"],
  });
});

test("the tab of clicks asks for its objects alone, those without prompts too", () => {
  const store = prompted();
  store.settings.mode = "objects";
  const ask = askOf(store, IMAGE);
  const points = [{ x: 1, y: 2, positive: true }];
  assert.deepEqual(ask.concepts, []);
  assert.deepEqual(ask.objects, [
    { id: 1, slot: 0, name: "", step: { points, box: null, choice: 0, base: null } },
    { id: 4, slot: 1, name: "", step: null },
  ]);
  assert.deepEqual([ask.mode, ask.active, ask.hidden], ["objects", 1, []]);
});
