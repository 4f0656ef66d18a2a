// A page on which much was done, and what is handed on of it.

/** @import { Found } from "../../sam3_playground/ui/web/types.d.ts" */
import { addExemplar } from "../../sam3_playground/ui/web/state/concepts.js";
import {
  beginStep,
  mergeInstances,
  newInstance,
  removeInstance,
} from "../../sam3_playground/ui/web/state/corrections.js";
import { addClick, addObject, addPoint } from "../../sam3_playground/ui/web/state/objects.js";
import { parcelOf } from "../../sam3_playground/ui/web/state/parcel.js";
import { BOX, newStore, run, toggle } from "./made.js";

export const IMAGE = {
  name: "rockets é 火箭.jpg",
  example: "",
  url: "",
  bytes: 1234,
  /** @type {[number, number]} */
  size: [480, 640],
};
const EXEMPLAR = { box: BOX, positive: true };

/**
 * What a concept without boxes found.
 * @param {string} text
 * @param {number} candidate
 * @returns {Found}
 */
const found = (text, candidate) => ({
  text,
  exemplars: [],
  candidate,
  box: [candidate, 20, 30 + candidate, 40],
  inside: [candidate + 10, 30],
});

/** A page on which everything was done that can be. */
export function worked() {
  const store = newStore();
  const { giveId } = store;
  for (const words of ["moon", "cat", "dog, cat, Red Balloon"]) run(store, words);
  store.changeConcepts((doc) => addExemplar(doc, EXEMPLAR, giveId));
  toggle(store, "cat");
  const [dog, cat] = store.concepts.concepts;
  store.changeConcepts((doc) => {
    doc.concepts[1].threshold = 0.25;
    const step = beginStep(doc, `${cat.id}:3`, found("cat", 3));
    if (step) addPoint(step, { x: 12.5, y: 30.25, positive: false });
    removeInstance(doc, `${cat.id}:4`, found("cat", 4));
    mergeInstances(doc, `${cat.id}:5`, `${cat.id}:6`, (id) => found("cat", Number(id.slice(-1))));
    const added = newInstance(dog.id, giveId);
    const own = beginStep(doc, added, undefined);
    if (own) addPoint(own, { x: 1, y: 2, positive: true });
    store.settings.hidden.concepts.push({ id: added, prompt: '["dog",[]]' });
    doc.mending = added;
  });
  store.changeObjects((doc) => addClick(doc, { x: 100.125, y: 7, positive: true }));
  store.changeObjects((doc) => {
    doc.objects[0].choice = 2;
    doc.objects[0].name = "the \u{1F680}";
    addClick(doc, { x: 3, y: 4, positive: false });
    addObject(doc, 32, giveId);
    doc.objects[1].box = [1, 2, 3, 4];
  });
  store.toggleHidden({ id: String(store.objects.objects[1].id), prompt: "" });
  Object.assign(store.settings, { mode: "objects", score_threshold: 0.35 });
  store.settings.nms = { mode: "across", iou: 0.4 };
  store.settings.cleanup = { fill_holes: 5, min_area: 6, simplify: 0.5 };
  Object.assign(store.settings.style, { colour_by: "instance", opacity: 0.8, boxes: true });
  return store;
}

/** @param {ReturnType<typeof newStore>} store */
export const parcel = (store) => parcelOf(store.snapshot(), store.hiddenIds, IMAGE);
