// What there is to say about weights, and what their sources want.

/** @import { Status } from "../types.d.ts" */
/** @import { FetchProgress, FoundWeights } from "../answers.d.ts" */

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const META = /^facebook\/sam3(?:\.1)?(?::|$)/u;
const HUB = /^[\w.-]+\/[\w.-]+(?::[^:]+)?$/u;

/**
 * @param {number} bytes
 * @returns {string} such as "3.45 GB"
 */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit < 2 ? Math.round(value) : value.toPrecision(3)} ${UNITS[unit]}`;
}

/**
 * @param {number} seconds
 * @returns {string} such as "1 min 20 s"
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * How far a download is.
 * @param {FetchProgress | null} progress
 */
export function far(progress) {
  if (!progress) return "Asking for the file…";
  const { done, total, bytes_per_second, seconds_left } = progress;
  const parts = [total === null ? size(done) : `${size(done)} of ${size(total)}`];
  if (bytes_per_second > 0) parts.push(`${size(bytes_per_second)} a second`);
  if (seconds_left !== null) parts.push(`${duration(seconds_left)} left`);
  return parts.join(" · ");
}

/**
 * Whether a source is on the hub, to which alone a token goes.
 * @param {string} source
 */
export const isOnHub = (source) => HUB.test(source.trim());

/**
 * Whether a licence that was not accepted yet is to be shown: Meta's own gate asks by itself.
 * @param {string} source
 */
export const wantsLicence = (source) => source.trim() !== "" && !META.test(source.trim());

/** @param {FoundWeights} found */
export const described = ({ bytes, published, bundled }) =>
  [size(bytes), published ?? "", bundled ? "drawn scenes only" : ""].filter(Boolean).join(" · ");

const BEGINNINGS = { loading: "Loading: ", failed: "No weights: ", ready: "" };

/** @param {Status} status */
export function line({ state, message, note, bundled, fallback }) {
  const more = bundled && note ? " · how to get the real weights" : "";
  return BEGINNINGS[state] + message + (fallback ? " · the weights asked for failed" : more);
}

/**
 * Whether what is on the screen is not what the present weights would say.
 * @param {Status} status
 * @param {string} shown the network of the answer that is shown; empty where none is
 */
export const isFormer = ({ state, network }, shown) =>
  state === "ready" && shown !== "" && network !== shown;
