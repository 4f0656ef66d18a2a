// What Python is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askOf,
  asksForSomething,
  entered,
  sharedPart,
} from "../../sam3_playground/ui/web/state/ask.js";
import { addExemplar, setWords } from "../../sam3_playground/ui/web/state/concepts.js";
import { beginStep, removeInstance } from "../../sam3_playground/ui/web/state/corrections.js";
import { addClick, addObject } from "../../sam3_playground/ui/web/state/objects.js";
import { newStore, SEPARATORS, SETUP } from "./made.js";

/** @type {import("../../sam3_playground/ui/web/types.d.ts").Found} */
const FOUND = { text: "red", exemplars: [], candidate: 7, box: [0, 0, 9, 9], inside: [4.5, 4.5] };
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

test("the tab of words asks for its concepts, and for the objects that are said", () => {
  const store = prompted();
  const [red] = store.concepts.concepts;
  store.toggleHidden({ id: `${red.id}:0`, prompt: JSON.stringify(["red", []]) });
  assert.deepEqual(askOf(store, IMAGE), {
    image: "an id",
    preview: true,
    mode: "concepts",
    concepts: [
      { id: 2, slot: 0, text: "red", exemplars: [], threshold: null, corrections: [] },
      { id: 3, slot: 1, text: "green", exemplars: [], threshold: null, corrections: [] },
    ],
    objects: [
      {
        id: 1,
        slot: 5,
        name: "",
        number: 1,
        step: { points: [{ x: 1, y: 2, positive: true }], box: null, choice: 0, base: null },
      },
    ],
    active: null,
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
      view: "overlay",
      label_scale: 1,
    },
    hidden: ["2:0"],
  });
});

test("the tab of clicks asks for all its objects, and for the concepts that are said", () => {
  const store = prompted();
  store.settings.mode = "objects";
  const ask = askOf(store, IMAGE);
  const points = [{ x: 1, y: 2, positive: true }];
  assert.deepEqual(
    ask.concepts.map(({ text }) => text),
    ["red", "green"],
  );
  assert.deepEqual(ask.objects, [
    { id: 1, slot: 5, name: "", number: 1, step: { points, box: null, choice: 0, base: null } },
    { id: 4, slot: 6, name: "", number: 2, step: null },
  ]);
  assert.deepEqual([ask.mode, ask.active, ask.hidden], ["objects", "4", []]);
});

test("what the other tab cannot ask yet is left out, and what the weights cannot answer", () => {
  const store = prompted();
  const { giveId } = store;
  /** @type {import("../../sam3_playground/ui/web/types.d.ts").Exemplar} */
  const negative = { box: [1, 2, 3, 4], positive: false };
  store.changeConcepts((doc) => {
    doc.active = doc.concepts.length;
    addExemplar(doc, negative, giveId);
  });
  store.changeObjects((doc) => addClick(doc, { x: 5, y: 5, positive: false }));
  assert.deepEqual(
    askOf(store, IMAGE).objects.map(({ id }) => id),
    [1],
  );
  const [red] = store.concepts.concepts;
  const found = { ...FOUND, text: "red" };
  store.changeConcepts((doc) => beginStep(doc, `${red.id}:7`, found));
  store.changeConcepts((doc) => removeInstance(doc, `${red.id}:8`, { ...found, candidate: 8 }));
  const counts = () => askOf(store, IMAGE).concepts.map(({ corrections }) => corrections.length);
  assert.deepEqual(counts(), [2, 0, 0]);
  store.clicks = false;
  assert.deepEqual(counts(), [1, 0, 0]);
  assert.deepEqual(askOf(store, IMAGE).objects, []);
  store.settings.mode = "objects";
  assert.deepEqual(counts(), [1, 0]); // boxes around what is not meant ask nothing
  store.changeConcepts((doc) => {
    doc.mending = `${red.id}:7`;
  });
  assert.equal(askOf(store, IMAGE).active, `${red.id}:7`);
});

test("an object that is not said yet is asked where it is at hand, and stops no other", () => {
  const store = prompted();
  store.settings.mode = "objects";
  store.changeObjects((doc) => addClick(doc, { x: 5, y: 5, positive: false }));
  const ids = () => askOf(store, IMAGE).objects.map(({ id }) => id);
  const [first, second] = store.objects.objects.map(({ id }) => id);
  assert.deepEqual(ids(), [first, second]);
  store.workOn(first);
  assert.deepEqual(ids(), [first]);
});

test("an image that is not open is asked as if it were opened", () => {
  const page = prompted();
  page.toggleHidden({ id: "2:0", prompt: JSON.stringify(["red", []]) });
  const left = page.snapshot();
  page.enter(null, false);
  const { giveId } = page;
  page.changeConcepts((doc) => setWords(doc, "blue", { separators: SEPARATORS, most: 16, giveId }));
  const before = JSON.stringify(page.snapshot());
  for (const shared of [false, true]) {
    const ask = askOf(entered(SETUP, page.snapshot(), left, shared), IMAGE);
    const words = ask.concepts.map(({ text }) => text);
    assert.deepEqual(words, shared ? ["blue"] : ["red", "green"]);
    assert.deepEqual(ask.hidden, shared ? [] : ["2:0"]);
  }
  assert.equal(JSON.stringify(page.snapshot()), before);
});

test("it is said whether anything is asked for", () => {
  const store = newStore();
  assert.equal(asksForSomething(askOf(store, IMAGE)), false);
  const other = prompted();
  assert.equal(asksForSomething(askOf(other, IMAGE)), true);
  other.settings.mode = "objects";
  assert.equal(asksForSomething(askOf(other, IMAGE)), true);
  store.settings.mode = "objects";
  assert.equal(asksForSomething(askOf(store, IMAGE)), false);
});

test("what is asked alike changes with words and thresholds, not with boxes, clicks or looks", () => {
  const store = prompted();
  const first = sharedPart(store.snapshot());
  store.settings.style.opacity = 0.1;
  store.changeConcepts((doc) => {
    doc.concepts[0].exemplars.push({ box: [0, 0, 9, 9], positive: true });
    doc.concepts[0].text = "Red";
  });
  store.changeObjects((doc) => addClick(doc, { x: 5, y: 5, positive: true }));
  assert.equal(sharedPart(store.snapshot()), first);
  const changes = [
    () => {
      store.settings.score_threshold = 0.1;
    },
    () => {
      store.settings.nms.mode = "off";
    },
    () => {
      store.settings.cleanup.min_area = 3;
    },
    () => {
      store.settings.mode = "objects";
    },
    () =>
      store.changeConcepts((doc) => {
        doc.concepts[0].threshold = 0.3;
      }),
    () =>
      store.changeConcepts((doc) => {
        doc.concepts[0].text = "rose";
      }),
  ];
  const seen = new Set([first]);
  for (const change of changes) {
    change();
    seen.add(sharedPart(store.snapshot()));
  }
  assert.equal(seen.size, 7);
});
