// What the tests hand to the page's scripts.

/** @import { Box, Instance, Row } from "../../sam3_playground/ui/web/types.d.ts" */
import { createStore } from "../../sam3_playground/ui/web/state/store.js";

export const SEPARATORS = ",;\n";
/** @type {Box} */
export const BOX = [10, 20, 30, 40];

/** A store as the page has it at its start. */
export const newStore = () =>
  createStore({ score_threshold: 0.5, nms: { mode: "within", iou: 0.7 }, opacity: 0.45 });

/**
 * @param {Partial<Row>} [changes]
 * @returns {Row}
 */
export const row = (changes = {}) => ({
  id: 1,
  slot: 0,
  label: "red",
  threshold: 0.5,
  best: 0.9,
  suppressed: [],
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
  runs: "",
  ...changes,
});
