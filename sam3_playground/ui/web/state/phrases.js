// What an answer says, in words.

/** @import { Answer, Row } from "../types.d.ts" */

/**
 * How many gave way to whom; empty where none did.
 * @param {Pick<Row, "suppressed">} row
 */
function suppression({ suppressed }) {
  if (suppressed.length === 1) return `${suppressed[0].count} suppressed by ${suppressed[0].label}`;
  const total = suppressed.reduce((sum, { count }) => sum + count, 0);
  const parts = suppressed.map(({ label, count }) => `${count} by ${label}`);
  return total ? `${total} suppressed: ${parts.join(", ")}` : "";
}

/**
 * How many there are of which there is something to be seen.
 * @param {Pick<Row, "instances">} row
 */
const countOf = ({ instances }) => instances.filter(({ area }) => area > 0).length;

/**
 * What there is to say of a row beside its count; empty where nothing is.
 * @param {Row} row
 */
export const note = (row) =>
  suppression(row) || misfits(row) || (countOf(row) ? "" : whyEmpty(row));

/** @param {Pick<Row, "misfits">} row */
function misfits({ misfits: { length } }) {
  if (!length) return "";
  const what = length === 1 ? "1 correction is" : `${length} corrections are`;
  return `${what} of something that is not found any more`;
}

/** @param {Row} row without instances, and none suppressed */
function whyEmpty({ best, threshold, instances }) {
  if (instances.length) return "nothing there: its mask is empty";
  if (best === null || threshold === null) return "no candidate at all";
  if (best >= threshold) return "nothing left of it";
  return `nothing above ${threshold.toFixed(2)}, the best was ${best.toFixed(2)}`;
}

/**
 * One line for the whole answer.
 * @param {Pick<Answer, "mode" | "rows">} answer
 */
export function summary({ mode, rows }) {
  if (mode === "objects") {
    const empty = rows.filter((row) => row.is_object && row.best !== null && !countOf(row));
    return empty.map(({ label }) => `${label}: nothing there`).join(" · ");
  }
  const concepts = rows.filter((row) => !row.is_object);
  if (!concepts.length) return "Type words, or drag a box around an example.";
  return concepts.map((row) => `${row.label}: ${countOf(row) || note(row)}`).join(" · ");
}

/**
 * How an instance is called in lists.
 * @param {Pick<Row, "label" | "is_object">} row
 * @param {number} number
 * @param {number} [added] which of those that were added by hand it is, from 1
 */
export function nameOf({ label, is_object }, number, added = 0) {
  if (is_object) return label; // it is one instance
  return added ? `${label} +${added}` : `${label} ${number}`;
}

/**
 * What the answer took, and how masks that overlap were dealt with.
 * @param {Pick<Answer, "mode" | "nms" | "timings">} answer
 * @param {number} seen milliseconds from the ask to the screen
 */
export function timingLine({ mode, nms, timings }, seen) {
  const { encode_ms, prompt_ms, total_ms, network_calls } = timings;
  const encoding = encode_ms ? `encoding ${encode_ms} ms · ` : "";
  const network = network_calls
    ? `${encoding}prompt ${prompt_ms} ms`
    : "from the cache, the network did not run";
  const line = `${network} · server ${total_ms} ms · on screen after ${Math.round(seen)} ms`;
  if (mode === "objects") return line;
  const used = nms.mode === "off" ? "off" : `${nms.mode}, IoU ${nms.iou.toFixed(2)}`;
  return `${line} · NMS ${used}`;
}
