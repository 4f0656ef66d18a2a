// How far a run over all images is, in words.

/** @import { Counts } from "../album.d.ts" */
import { duration } from "./weights.js";

/**
 * @param {{ done: number, total: number, seconds: number }} run images that were asked, of how
 *   many, and how long that took
 */
export function farOf({ done, total, seconds }) {
  const now = `${Math.min(done + 1, total)} of ${total}`;
  if (!done) return now;
  const left = (seconds / done) * (total - done);
  return `${now}, about ${duration(Math.max(1, left))} left`;
}

/** @param {Pick<Counts, "rows">} counts */
export const totalOf = ({ rows }) => rows.reduce((sum, { count }) => sum + count, 0);

/** @param {Pick<Counts, "rows">} counts */
export const listed = ({ rows }) => rows.map(({ label, count }) => `${label}: ${count}`).join(", ");

/**
 * How a run ended.
 * @param {{ asked: number, found: number, failed: number, idle: number, stopped: boolean }} run
 *   images that were asked, instances in them, images that could not be asked and such of which
 *   nothing was asked, and whether it was stopped
 */
export function outcome({ asked, found, failed, idle, stopped }) {
  const parts = [`${stopped ? "Stopped. " : ""}Found ${found} in ${images(asked)}`];
  if (failed) parts.push(`${images(failed)} could not be asked`);
  if (idle) parts.push(`${images(idle)} without prompts`);
  return parts.join(" · ");
}

/** @param {number} count */
const images = (count) => `${count} ${count === 1 ? "image" : "images"}`;
