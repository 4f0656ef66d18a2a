// What can be done to the concepts of the tab of words and example boxes.

/** @import { Concept, ConceptDoc, Exemplar } from "../types.d.ts" */
import { freeSlot, placeOf } from "./ids.js";
import { wordsIn } from "./words.js";

/**
 * What the candidates of a concept depend on.
 * @param {Pick<Concept, "text" | "exemplars">} concept
 */
export const promptOf = ({ text, exemplars }) =>
  JSON.stringify([text?.toLowerCase() ?? null, exemplars]);

/**
 * The field's words become the concepts: those that stay are the same ones with all that they
 * have, in the words' new order, and renamed ones are new.
 * @param {ConceptDoc} doc
 * @param {string} text as it stands in the field
 * @param {{ separators: string, most: number, giveId: () => number }} options
 */
export function setWords(doc, text, { separators, most, giveId }) {
  const activeId = doc.concepts[doc.active]?.id;
  /** @type {Map<string, Concept>} */
  const old = new Map();
  for (const concept of doc.concepts) {
    if (concept.text) old.set(concept.text.toLowerCase(), concept);
  }
  const words = wordsIn(text, separators);
  const boxesOnly = doc.concepts.filter((concept) => !concept.text && concept.exemplars.length);
  // Boxes around what is not meant need words: the first that are typed take them.
  const wordless = boxesOnly.filter(
    (concept) => words.length && concept.exemplars.every((one) => !one.positive),
  );
  const others = boxesOnly.filter((concept) => !wordless.includes(concept));
  const wanted = [
    ...words.map((word) => ({ word, concept: old.get(word.toLowerCase()) })),
    ...others.map((concept) => ({ word: null, concept })),
  ].slice(0, most);
  const living = wanted.flatMap(({ concept }) => (concept ? [concept] : []));
  doc.concepts = wanted.map(({ word, concept }) => {
    if (concept) return { ...concept, text: word };
    const named = newConcept(word, giveId, living);
    living.push(named);
    return named;
  });
  if (wordless.length) {
    const boxes = wordless.flatMap((concept) => concept.exemplars);
    doc.concepts[0].exemplars = [...doc.concepts[0].exemplars, ...boxes];
  }
  doc.words = text;
  doc.active = Math.max(0, placeOf(doc.concepts, activeId));
}

/**
 * The words of another image, in their order, with their thresholds and their places in the
 * palette. Those that are known here keep all else that they have; concepts without words stay.
 * @param {ConceptDoc} doc
 * @param {ConceptDoc} other
 * @param {{ most: number, giveId: () => number }} options
 */
export function shareWords(doc, other, { most, giveId }) {
  const activeId = doc.concepts[doc.active]?.id;
  const old = new Map(doc.concepts.map((concept) => [concept.text?.toLowerCase(), concept]));
  /** @type {Concept[]} */
  const concepts = [];
  for (const { text, threshold, slot } of other.concepts) {
    const known = old.get(text?.toLowerCase());
    if (text) concepts.push({ ...(known ?? newConcept(text, giveId, [])), text, threshold, slot });
  }
  const room = most - concepts.length;
  for (const concept of doc.concepts.filter(({ text }) => !text).slice(0, room)) {
    const taken = concepts.some(({ slot }) => slot === concept.slot);
    concepts.push({ ...concept, slot: taken ? freeSlot(concepts) : concept.slot });
  }
  doc.concepts = concepts;
  doc.words = other.words;
  doc.active = Math.max(0, placeOf(concepts, activeId));
}

/**
 * A box around an example, for the active concept; where there is none it starts one.
 * @param {ConceptDoc} doc
 * @param {Exemplar} exemplar
 * @param {() => number} giveId
 */
export function addExemplar(doc, exemplar, giveId) {
  if (doc.active >= doc.concepts.length) {
    doc.active = doc.concepts.length;
    doc.concepts.push(newConcept(null, giveId, doc.concepts));
  }
  doc.concepts[doc.active].exemplars.push(exemplar);
}

/**
 * A box; with the last one goes a concept that has no words.
 * @param {ConceptDoc} doc
 * @param {number} id of the concept
 * @param {number} index of its box
 */
export function removeExemplar(doc, id, index) {
  const concept = withId(doc, id);
  if (!concept) return;
  concept.exemplars.splice(index, 1);
  if (!(concept.text || concept.exemplars.length)) removeConcept(doc, id, "");
}

/**
 * A concept, and its words in the field.
 * @param {ConceptDoc} doc
 * @param {number} id
 * @param {string} separators
 */
export function removeConcept(doc, id, separators) {
  const place = placeOf(doc.concepts, id);
  if (place < 0) return;
  const [gone] = doc.concepts.splice(place, 1);
  if (place < doc.active) doc.active -= 1;
  doc.active = Math.max(0, Math.min(doc.active, doc.concepts.length - 1));
  const word = gone.text?.toLowerCase();
  if (word) {
    const rest = wordsIn(doc.words, separators).filter((other) => other.toLowerCase() !== word);
    doc.words = rest.join(", ");
  }
}

/**
 * @param {ConceptDoc} doc
 * @param {number} id
 */
export const withId = (doc, id) => doc.concepts.find((concept) => concept.id === id);

/**
 * @param {string | null} text
 * @param {() => number} giveId
 * @param {Concept[]} living the others
 * @returns {Concept}
 */
const newConcept = (text, giveId, living) => ({
  id: giveId(),
  slot: freeSlot(living),
  text,
  exemplars: [],
  threshold: null,
  corrections: [],
});
