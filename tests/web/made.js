// What the tests hand to the page's scripts.

/** @import { Box, Instance, Row, Setup } from "../../sam3_playground/ui/web/types.d.ts" */
import { setWords } from "../../sam3_playground/ui/web/state/concepts.js";
import { createStore } from "../../sam3_playground/ui/web/state/store.js";

export const SEPARATORS = ",;\n";
/** @type {Box} */
export const BOX = [10, 20, 30, 40];

/** @typedef {ReturnType<typeof newStore>} Store */

/** @type {Setup} */
export const SETUP = {
  examples: [],
  paths: {
    images: "",
    fetch: "",
    examples: "",
    weights: "",
    counts: "",
    save: "",
    code: "",
  },
  formats: [],
  words: {},
  weights_sources: [],
  colours: ["#f00"],
  separators: SEPARATORS,
  max_concepts: 16,
  max_objects: 32,
  limits: {
    bytes: 2 ** 21,
    id: 2 ** 31,
    place: 2 ** 10,
    text: 256,
    name: 80,
    instance_id: 64,
    coordinate: 1_000_000,
    clicks: 100,
    exemplars: 100,
    hidden: 2 ** 12,
    cleanup_pixels: 2 ** 31 - 1,
    corrections: 128,
    parts: 32,
    steps: 512,
    depth: 16,
    seed_prompts: 32,
  },
  score_threshold: 0.5,
  nms: { mode: "within", iou: 0.7 },
  opacity: 0.45,
  views: [{ name: "overlay", words: "masks over the image", of_objects: false }],
  changes: { blur: 0.1, pixel: 0.1, darkness: 0.5 },
};

/** A store as the page has it at its start. */
export const newStore = () => createStore(SETUP);

/**
 * @param {Partial<Row>} [changes]
 * @returns {Row}
 */
export const row = (changes = {}) => ({
  id: 1,
  slot: 0,
  label: "red",
  is_object: false,
  threshold: 0.5,
  best: 0.9,
  suppressed: [],
  misfits: [],
  instances: [],
  ...changes,
});

/**
 * @param {string} id
 * @param {Partial<Instance>} [changes]
 * @returns {Instance}
 */
export const instance = (id, changes = {}) => ({
  id,
  number: 1,
  colours: [0, 0],
  score: 0.9,
  area: 100,
  box: BOX,
  inside: [20, 30],
  corrected: false,
  runs: "",
  ...changes,
});

/**
 * @param {Store} store
 * @param {string} words
 */
export function run(store, words) {
  const options = { separators: SEPARATORS, most: 16, giveId: store.giveId };
  store.changeConcepts((doc) => setWords(doc, words, options));
}

/** @param {Store} store */
export const concepts = (store) =>
  store.concepts.concepts.map(({ id, slot, text }) => [id, slot, text]);

/**
 * Hide or show the first candidate of a concept as it is prompted now.
 * @param {Store} store
 * @param {string} text
 */
export function toggle(store, text) {
  const concept = store.concepts.concepts.find((one) => one.text === text);
  if (!concept) throw new Error(`expected a concept ${text}`);
  const prompt = JSON.stringify([text, concept.exemplars]);
  store.toggleHidden({ id: `${concept.id}:0`, prompt });
}
