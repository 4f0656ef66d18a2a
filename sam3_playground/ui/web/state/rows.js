// What was answered last for each concept, by its id.

import { promptOf } from "./concepts.js";
/** @import { Answer, Ask, Concept, Row } from "../types.d.ts" */
import { conceptPrompts } from "./hidden.js";

/** @typedef {ReturnType<typeof createRows>} Rows */

export function createRows() {
  /** @type {Map<number, { row: Row, prompt: string | undefined }>} */
  let rows = new Map();
  return {
    /**
     * @param {Answer} answer
     * @param {Ask} ask that it answers
     */
    take(answer, ask) {
      const prompts = conceptPrompts(ask);
      rows = new Map(answer.rows.map((row) => [row.id, { row, prompt: prompts.get(row.id) }]));
    },
    clear() {
      rows.clear();
    },
    /**
     * The row of a concept; none where it has not been answered with the prompt that it has.
     * @param {Concept} concept
     */
    of(concept) {
      const known = rows.get(concept.id);
      return known?.prompt === promptOf(concept) ? known.row : undefined;
    },
  };
}
