// What can be done to the objects of the tab of clicks.

/** @import { Box, Click, ObjectDoc, PageObject, Point, Step } from "../types.d.ts" */
import { freeSlot, placeOf } from "./ids.js";

/** Objects and concepts are shown together: the first ones have different colours. */
const FIRST_SLOT = 5;

/**
 * @param {() => number} giveId
 * @param {PageObject[]} [living] the others
 * @returns {PageObject}
 */
export const newObject = (giveId, living = []) => ({
  id: giveId(),
  slot: freeSlot(living, FIRST_SLOT),
  name: "",
  number: freeNumber(living),
  points: [],
  box: null,
  choice: 0,
  base: null,
});

/**
 * The smallest number that none of these has.
 * @param {Pick<PageObject, "number">[]} living
 */
function freeNumber(living) {
  const taken = new Set(living.map((one) => one.number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}

/**
 * What is asked of the network for an object; null where nothing was clicked yet.
 * @param {PageObject} object
 * @returns {Step | null}
 */
export function stepOf({ points, box, choice, base }) {
  return points.length || box ? { points, box, choice, base } : null;
}

/**
 * What it is called.
 * @param {Pick<PageObject, "name" | "number">} object
 */
export const labelOf = ({ name, number }) => name || `object ${number}`;

/**
 * Whether it is said which object it is.
 * @param {PageObject} object
 */
export const saysWhich = ({ points, box, base }) =>
  box !== null || base !== null || points.some(({ positive }) => positive);

/**
 * What the candidates for a step depend on; null without one.
 * @param {Step | null} step
 */
export const promptOf = (step) =>
  step && JSON.stringify({ points: step.points, box: step.box, base: step.base });

/**
 * A click, for the active object.
 * @param {ObjectDoc} doc
 * @param {Click} click
 */
export const addClick = (doc, click) => addPoint(doc.objects[doc.active], click);

/**
 * @param {Step} step of an object or an instance
 * @param {Click} click
 */
export function addPoint(step, click) {
  refine(step);
  step.points.push(click);
}

/**
 * A box, for the active object; it takes the place of an earlier one.
 * @param {ObjectDoc} doc
 * @param {Box} box
 */
export const setBox = (doc, box) => putBox(doc.objects[doc.active], box);

/**
 * @param {Step} step of an object or an instance
 * @param {Box} box
 */
export function putBox(step, box) {
  refine(step);
  step.box = box;
}

/**
 * @param {ObjectDoc} doc
 * @param {number} id of the object
 * @param {number} index of its click
 */
export function removeClick(doc, id, index) {
  const object = withId(doc, id);
  if (object) dropPoint(object, index);
}

/**
 * @param {Step} step of an object or an instance
 * @param {number} index of its click
 */
export function dropPoint(step, index) {
  step.points.splice(index, 1);
  restart(step);
}

/**
 * @param {ObjectDoc} doc
 * @param {number} id of the object
 */
export function removeBox(doc, id) {
  const object = withId(doc, id);
  if (object) dropBox(object);
}

/** @param {Step} step of an object or an instance */
export function dropBox(step) {
  step.box = null;
  restart(step);
}

/**
 * Put a click elsewhere: other candidates come of it.
 * @param {Step | undefined} step of an object or an instance
 * @param {number} index of its click
 * @param {Point} to
 */
export function movePoint(step, index, { x, y }) {
  const click = step?.points[index];
  if (!(step && click)) return;
  Object.assign(click, { x, y });
  restart(step);
}

/**
 * Put a box elsewhere.
 * @param {Step | undefined} step of an object or an instance
 * @param {Box} box
 */
export function moveBox(step, box) {
  if (!step) return;
  step.box = box;
  restart(step);
}

/**
 * Another object, unless the last one is still unused or there are enough.
 * @param {ObjectDoc} doc
 * @param {number} most
 * @param {() => number} giveId
 */
export function addObject(doc, most, giveId) {
  const last = doc.objects.at(-1);
  const used = !last || stepOf(last) !== null;
  if (used && doc.objects.length < most) doc.objects.push(newObject(giveId, doc.objects));
  doc.active = doc.objects.length - 1;
}

/**
 * An object; in the place of the last one comes a new one.
 * @param {ObjectDoc} doc
 * @param {number} id
 * @param {() => number} giveId
 */
export function removeObject(doc, id, giveId) {
  const place = placeOf(doc.objects, id);
  if (place < 0) return;
  doc.objects.splice(place, 1);
  if (!doc.objects.length) doc.objects.push(newObject(giveId));
  if (place < doc.active) doc.active -= 1;
  doc.active = Math.min(doc.active, doc.objects.length - 1);
}

/**
 * @param {ObjectDoc} doc
 * @param {number} id
 */
export const withId = (doc, id) => doc.objects.find((object) => object.id === id);

/**
 * A mask that was chosen by hand is what further prompts refine.
 * @param {Step} step
 */
function refine(step) {
  if (step.choice > 0) {
    const { points, box, choice, base } = step;
    step.base = { points: [...points], box, choice, base };
    step.choice = 0;
  }
}

/**
 * Fewer prompts make other candidates: the best one is chosen again, and what was found first is
 * what they refine.
 * @param {Step} step
 */
function restart(step) {
  step.choice = 0;
  while (step.base && "points" in step.base) step.base = step.base.base;
}
