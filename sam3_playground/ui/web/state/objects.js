// What can be done to the objects of the tab of clicks.

/** @import { Box, Click, ObjectDoc, PageObject, Step } from "../types.d.ts" */

/** @returns {PageObject} */
export const newObject = () => ({ name: "", points: [], box: null, choice: 0, base: null });

/**
 * What is asked of the network for an object; null where nothing was clicked yet.
 * @param {PageObject} object
 * @returns {Step | null}
 */
export function stepOf({ points, box, choice, base }) {
  return points.length || box ? { points, box, choice, base } : null;
}

/**
 * A click, for the active object.
 * @param {ObjectDoc} doc
 * @param {Click} click
 */
export function addClick(doc, click) {
  const object = doc.objects[doc.active];
  refine(object);
  object.points.push(click);
}

/**
 * A box, for the active object; it takes the place of an earlier one.
 * @param {ObjectDoc} doc
 * @param {Box} box
 */
export function setBox(doc, box) {
  const object = doc.objects[doc.active];
  refine(object);
  object.box = box;
}

/**
 * @param {ObjectDoc} doc
 * @param {number} place of the object
 * @param {number} index of its click
 */
export function removeClick(doc, place, index) {
  doc.objects[place].points.splice(index, 1);
  restart(doc.objects[place]);
}

/**
 * @param {ObjectDoc} doc
 * @param {number} place
 */
export function removeBox(doc, place) {
  doc.objects[place].box = null;
  restart(doc.objects[place]);
}

/**
 * Another object, unless the last one is still unused or there are enough.
 * @param {ObjectDoc} doc
 * @param {number} most
 */
export function addObject(doc, most) {
  const last = doc.objects.at(-1);
  const used = !last || stepOf(last) !== null;
  if (used && doc.objects.length < most) doc.objects.push(newObject());
  doc.active = doc.objects.length - 1;
}

/**
 * @param {ObjectDoc} doc
 * @param {number} place
 */
export function removeObject(doc, place) {
  doc.objects.splice(place, 1);
  if (!doc.objects.length) doc.objects.push(newObject());
  doc.active = Math.min(doc.active, doc.objects.length - 1);
}

/**
 * A mask that was chosen by hand is what further prompts refine.
 * @param {PageObject} object
 */
function refine(object) {
  if (object.choice > 0) {
    const { points, box, choice, base } = object;
    object.base = { points: [...points], box, choice, base };
    object.choice = 0;
  }
}

/**
 * Fewer prompts make other candidates: the best one is chosen again.
 * @param {PageObject} object
 */
function restart(object) {
  object.choice = 0;
  object.base = null;
}
