// Which kept images have to go so that all together stay within a limit.

/** @import { KeptPicture } from "../album.d.ts" */

/** The most that files may take, of all tabs of the browser together. */
export const KEPT_BYTES = 2 ** 29;
/** How long images are kept that nobody works on. */
const KEPT_MS = 30 * 24 * 3600 * 1000;
/** What an image takes beside its file. */
const BESIDE = 2 ** 16;

/** @typedef {Pick<KeptPicture, "id" | "used" | "bytes">} Sized */

/**
 * Those whose room is needed, the one used longest ago first.
 * @template {Sized} Kept
 * @param {Kept[]} images that are kept
 * @param {number} bytes of the file that comes
 * @param {number} most
 * @returns {Kept[] | null} null where the file alone is too large
 */
export function goingFor(images, bytes, most) {
  if (bytes + BESIDE > most) return null;
  const oldest = images.toSorted((one, other) => one.used - other.used);
  let total = images.reduce((sum, one) => sum + one.bytes + BESIDE, bytes + BESIDE);
  /** @type {Kept[]} */
  const going = [];
  for (const one of oldest) {
    if (total <= most) break;
    total -= one.bytes + BESIDE;
    going.push(one);
  }
  return going;
}

/**
 * @param {Pick<KeptPicture, "used">} kept
 * @param {number} now
 */
export const isOver = ({ used }, now) => now - used > KEPT_MS;

/**
 * Names for a sentence.
 * @param {string[]} names
 */
export function few(names) {
  const [first, second, ...rest] = names;
  if (!rest.length) return second ? `${first} and ${second}` : first;
  return `${first} and ${names.length - 1} more`;
}
