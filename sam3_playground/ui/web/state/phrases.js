// What an answer says, in words.

/** @import { Answer, Row } from "../types.d.ts" */

/**
 * Why a row is empty.
 * @param {Row} row without instances
 */
export function whyEmpty(row) {
  if (row.best !== null && row.threshold !== null && row.best >= row.threshold) {
    return "nothing left of it";
  }
  const best = row.best === null ? "no candidate at all" : `the best was ${row.best.toFixed(2)}`;
  return `nothing above ${(row.threshold ?? 0).toFixed(2)}, ${best}`;
}

/**
 * One line for the whole answer.
 * @param {Answer} answer
 */
export function summary({ mode, rows }) {
  if (mode === "objects") return "";
  if (!rows.length) return "Type words, or drag a box around an example.";
  return rows
    .map((row) => `${row.label}: ${row.instances.length ? row.instances.length : whyEmpty(row)}`)
    .join(" · ");
}

/**
 * What the answer took.
 * @param {Answer} answer
 * @param {number} seen milliseconds from the ask to the screen
 */
export function timingLine({ timings }, seen) {
  const { encode_ms, prompt_ms, total_ms, network_calls } = timings;
  const encoding = encode_ms ? `encoding ${encode_ms} ms · ` : "";
  const network = network_calls
    ? `${encoding}prompt ${prompt_ms} ms`
    : "from the cache, the network did not run";
  return `${network} · server ${total_ms} ms · on screen after ${Math.round(seen)} ms`;
}
