// What can be mended of what a concept found: refined by clicks, removed, added, merged. In the
// form that Python has (core/corrections.py), kept with the concept, so that undo covers it.

/** @import { Box, Click, Concept, ConceptDoc, Found, Part, Seed, Step } from "../types.d.ts" */

/** What an added instance's id has behind its concept's. */
const ADDED = "+";

/**
 * The id of the concept that an instance belongs to.
 * @param {string} id of the instance
 */
export const conceptOf = (id) => Number(id.split(":", 1)[0]);

/**
 * Whether an instance is a concept's, and no object.
 * @param {string} id of the instance
 */
export const isOfConcept = (id) => id.includes(":");

/** @param {string} id of the instance */
const isAdded = (id) => id.split(":")[1]?.startsWith(ADDED) ?? false;

/**
 * Which of the added ones of its concept it is, from 1.
 * @param {Pick<Concept, "corrections">} concept
 * @param {string} id of the instance
 */
export const addedNumber = ({ corrections }, id) =>
  corrections.filter((one) => isAdded(one.id)).findIndex((one) => one.id === id) + 1;

/**
 * A concept's correction of an instance.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 */
export const correctionOf = (doc, id) =>
  conceptWith(doc, id)?.corrections.find((one) => one.id === id);

/**
 * What clicks on an instance change: its step; none before the first one, and none of a merged one.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 * @returns {Step | undefined}
 */
export function stepOfInstance(doc, id) {
  const parts = correctionOf(doc, id)?.parts ?? [];
  return parts.length === 1 && isStep(parts[0]) ? parts[0] : undefined;
}

/**
 * Whether clicks can refine it: what was merged has no mask of the network's to start from.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 */
export function canRefine(doc, id) {
  const correction = correctionOf(doc, id);
  return !correction || stepOfInstance(doc, id) !== undefined;
}

/**
 * A step for an instance, made with the first click or box.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance, or of one to be added
 * @param {Found | undefined} found what was found there; none where it is to be added
 * @returns {Step | undefined} none where the concept is gone, or it cannot be refined
 */
export function beginStep(doc, id, found) {
  const known = stepOfInstance(doc, id);
  const concept = conceptWith(doc, id);
  if (known || !concept || correctionOf(doc, id)) return known;
  if (!(found || isAdded(id))) return;
  const base = found ? seedOf(found) : null;
  // The mask says which object it is, and so does a point deep inside: both together are what
  // the network knows from refining masks of its own.
  /** @type {Click[]} */
  const points = found ? [{ x: found.inside[0], y: found.inside[1], positive: true }] : [];
  const step = { points, box: null, choice: 0, base };
  concept.corrections.push({ id, replaces: base ? [base] : [], parts: [step] });
  return step;
}

/**
 * Take an instance away; one that was found stays away in later runs.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 * @param {Found | undefined} found what was found there, where nothing of it was mended
 */
export function removeInstance(doc, id, found) {
  const concept = conceptWith(doc, id);
  if (!concept) return;
  const correction = correctionOf(doc, id);
  if (correction?.replaces.length) correction.parts = [];
  else if (correction) drop(concept, id);
  else if (found) concept.corrections.push({ id, replaces: [seedOf(found)], parts: [] });
  if (doc.mending === id) doc.mending = null;
}

/**
 * One of two instances of a concept: what both cover, in the first one's place.
 * @param {ConceptDoc} doc
 * @param {string} id of the first one, which is kept
 * @param {string} other
 * @param {(id: string) => Found | undefined} found what was found under an id
 */
export function mergeInstances(doc, id, other, found) {
  const concept = conceptWith(doc, id);
  if (!concept || id === other || conceptOf(id) !== conceptOf(other)) return;
  /** @param {string} name */
  const whole = (name) => {
    const known = concept.corrections.find((it) => it.id === name);
    const at = found(name);
    return known ?? (at && { id: name, replaces: [seedOf(at)], parts: [seedOf(at)] });
  };
  const [one, two] = [whole(id), whole(other)];
  if (!(one && two)) return;
  drop(concept, id);
  drop(concept, other);
  const parts = [...one.parts, ...two.parts];
  concept.corrections.push({ id, replaces: [...one.replaces, ...two.replaces], parts });
  if (doc.mending === id || doc.mending === other) doc.mending = null;
}

/**
 * Let an instance be as it was found; an added one goes.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 */
export function resetInstance(doc, id) {
  const concept = conceptWith(doc, id);
  if (concept) drop(concept, id);
  if (doc.mending === id && isAdded(id)) doc.mending = null;
}

/**
 * Bring back what was removed of a concept.
 * @param {Pick<Concept, "corrections">} concept
 */
export function bringBack(concept) {
  concept.corrections = concept.corrections.filter((one) => one.parts.length);
}

/**
 * How many found instances of a concept were removed.
 * @param {Pick<Concept, "corrections">} concept
 */
export const removedCount = ({ corrections }) =>
  corrections.filter(({ parts }) => !parts.length).length;

/**
 * The id of an instance to be added to a concept.
 * @param {number} concept its id
 * @param {() => number} giveId
 */
export const newInstance = (concept, giveId) => `${concept}:${ADDED}${giveId()}`;

/**
 * Whether there is something to click away: a part of a step may go, the last one takes the step
 * with it.
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 */
export function dropEmptyStep(doc, id) {
  const step = stepOfInstance(doc, id);
  if (step && !(step.points.length || step.box)) resetInstance(doc, id);
}

/** @param {Part} part @returns {part is Step} */
const isStep = (part) => "points" in part;

/** @param {Found} found @returns {Seed} */
const seedOf = ({ text, exemplars, candidate, box }) => ({
  text,
  exemplars: exemplars.map((one) => ({ ...one, box: /** @type {Box} */ ([...one.box]) })),
  candidate,
  box: /** @type {Box} */ ([...box]),
});

/**
 * @param {ConceptDoc} doc
 * @param {string} id of the instance
 */
const conceptWith = (doc, id) => doc.concepts.find((one) => one.id === conceptOf(id));

/**
 * @param {Pick<Concept, "corrections">} concept
 * @param {string} id of the instance
 */
function drop(concept, id) {
  concept.corrections = concept.corrections.filter((one) => one.id !== id);
}
