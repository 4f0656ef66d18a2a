// Which instances are hidden. An instance is a candidate for its concept's prompt, so it stays
// hidden as long as that concept may come back with that prompt; an object stays so whatever it
// is prompted with.

/** @import { Concept, Hidden, PageObject } from "../types.d.ts" */
import { promptOf } from "./concepts.js";

/**
 * What the instances of a tab belong to: prompts by the ids of concepts or objects.
 * @typedef {ReadonlyMap<number, string>} Prompts
 */

/**
 * @param {{ concepts: Concept[] }} doc
 * @returns {Prompts}
 */
export const conceptPrompts = ({ concepts }) =>
  new Map(concepts.map((concept) => [concept.id, promptOf(concept)]));

/**
 * @param {{ objects: Pick<PageObject, "id">[] }} doc
 * @returns {Prompts}
 */
export const objectPrompts = ({ objects }) => new Map(objects.map(({ id }) => [id, ""]));

/**
 * Of both tabs: no concept has the id of an object.
 * @param {{ concepts: Concept[], objects: Pick<PageObject, "id">[] }} docs
 * @returns {Prompts}
 */
export const allPrompts = (docs) => new Map([...conceptPrompts(docs), ...objectPrompts(docs)]);

/**
 * Whether an instance belongs to one of these.
 * @param {Hidden} instance
 * @param {Prompts} prompts
 */
const belongs = ({ id, prompt }, prompts) => prompts.get(Number(id.split(":", 1)[0])) === prompt;

/**
 * The hidden ones, with or without an instance.
 * @param {Hidden[]} hidden
 * @param {Hidden} instance
 */
export function toggled(hidden, { id, prompt }) {
  const others = hidden.filter((one) => one.id !== id || one.prompt !== prompt);
  return others.length < hidden.length ? others : [...hidden, { id, prompt }];
}

/**
 * The ids of those that are there and hidden.
 * @param {Hidden[]} hidden
 * @param {Prompts} prompts
 */
export const hiddenIds = (hidden, prompts) =>
  hidden.filter((one) => belongs(one, prompts)).map(({ id }) => id);

/**
 * Those that may be seen again: that belong to what is there now or by undo and redo.
 * @param {Hidden[]} hidden
 * @param {Prompts[]} states
 */
export const pruned = (hidden, states) =>
  hidden.filter((one) => states.some((prompts) => belongs(one, prompts)));
