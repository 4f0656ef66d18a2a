// What can be done to the concepts of the tab of words and example boxes.

/** @import { Concept, ConceptDoc, Exemplar } from "../types.d.ts" */
import { wordsIn } from "./words.js";

/**
 * The field's words become the concepts; those that stay keep boxes and thresholds.
 * @param {ConceptDoc} doc
 * @param {string} text as it stands in the field
 * @param {string} separators
 * @param {number} most
 */
export function setWords(doc, text, separators, most) {
  const active = doc.concepts[doc.active];
  /** @type {Map<string, Concept>} */
  const old = new Map();
  for (const concept of doc.concepts) {
    if (concept.text) old.set(concept.text.toLowerCase(), concept);
  }
  /** @type {Concept[]} */
  const named = wordsIn(text, separators).map((word) => ({
    exemplars: [],
    threshold: null,
    ...old.get(word.toLowerCase()),
    text: word,
  }));
  const boxesOnly = doc.concepts.filter((concept) => !concept.text && concept.exemplars.length);
  // Boxes around what is not meant need words: the first that are typed take them.
  const wordless = boxesOnly.filter(
    (concept) => named.length && concept.exemplars.every((one) => !one.positive),
  );
  if (wordless.length) {
    const boxes = wordless.flatMap((concept) => concept.exemplars);
    named[0].exemplars = [...named[0].exemplars, ...boxes];
  }
  const others = boxesOnly.filter((concept) => !wordless.includes(concept));
  doc.words = text;
  doc.concepts = [...named, ...others].slice(0, most);
  doc.active = Math.max(
    0,
    doc.concepts.findIndex((concept) => active?.text && concept.text === active.text),
  );
}

/**
 * A box around an example, for the active concept; where there is none it starts one.
 * @param {ConceptDoc} doc
 * @param {Exemplar} exemplar
 */
export function addExemplar(doc, exemplar) {
  if (doc.active >= doc.concepts.length) {
    doc.concepts.push({ text: null, exemplars: [], threshold: null });
    doc.active = doc.concepts.length - 1;
  }
  doc.concepts[doc.active].exemplars.push(exemplar);
}

/**
 * @param {ConceptDoc} doc
 * @param {number} place of the concept
 * @param {number} index of its box
 */
export function removeExemplar(doc, place, index) {
  const concept = doc.concepts[place];
  concept.exemplars.splice(index, 1);
  if (!(concept.text || concept.exemplars.length)) removeConcept(doc, place, "");
}

/**
 * A concept, and its words in the field.
 * @param {ConceptDoc} doc
 * @param {number} place
 * @param {string} separators
 */
export function removeConcept(doc, place, separators) {
  const [gone] = doc.concepts.splice(place, 1);
  doc.active = Math.max(0, Math.min(doc.active, doc.concepts.length - 1));
  const word = gone.text?.toLowerCase();
  if (word) {
    const rest = wordsIn(doc.words, separators).filter((other) => other.toLowerCase() !== word);
    doc.words = rest.join(", ");
  }
}
