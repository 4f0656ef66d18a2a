// How an answer is looked at: what of it is shown, and in which style. It changes at once; the
// server's picture of it comes when the hand rests.

/** @import { Ask, Instance, Row, Style } from "../types.d.ts" */

/**
 * @typedef {object} Look
 * @property {Style} style
 * @property {ReadonlySet<string>} hidden ids of instances
 * @property {ReadonlyMap<number, number>} thresholds by the ids of concepts
 */

/**
 * @param {Pick<Ask, "hidden" | "score_threshold" | "concepts"> & { style: Style }} of
 * @returns {Look}
 */
export const lookOf = ({ style, hidden, score_threshold, concepts }) => ({
  // In other views a fill would hide what they show.
  style: { ...style, masks: style.masks && style.view === "overlay" },
  hidden: new Set(hidden),
  thresholds: new Map(concepts.map(({ id, threshold }) => [id, threshold ?? score_threshold])),
});

/**
 * The instances of a row that reach the threshold of now. One without pixels is none.
 * @param {Pick<Row, "instances">} row
 * @param {number} threshold
 */
export const listed = ({ instances }, threshold) =>
  instances.filter(({ score, area }) => area > 0 && score >= threshold);

/**
 * Those of them that are not hidden.
 * @param {Pick<Row, "id" | "instances">[]} rows
 * @param {Look} look
 */
export const seen = (rows, look) =>
  rows
    .flatMap((row) => listed(row, look.thresholds.get(row.id) ?? 0))
    .filter(({ id }) => !look.hidden.has(id));

/**
 * Which of the setup's colours an instance has.
 * @param {Pick<Instance, "colours">} instance
 * @param {Pick<Style, "colour_by">} style
 */
export const colourOf = ({ colours }, { colour_by }) => colours[colour_by === "concept" ? 0 : 1];

/**
 * Two looks with the same value are painted the same.
 * @param {Pick<Row, "id" | "instances">[]} rows
 * @param {Look} look
 */
export function painted(rows, look) {
  const { opacity, masks, outlines, boxes, colour_by } = look.style;
  const ids = seen(rows, look).map(({ id }) => id);
  return JSON.stringify([opacity, masks, outlines, boxes, colour_by, ids]);
}
