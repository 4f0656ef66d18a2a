// Where the labels of instances stand: at their boxes, none on another, all in sight.

/** @import { Box } from "../types.d.ts" */

/** @typedef {{ x: number, y: number, width: number, height: number }} Place */

/**
 * The places of labels on the screen; null for one that finds no room: nearer, it does.
 * @param {{ box: Box, width: number }[]} labels boxes on the screen and the labels' widths, the
 *   most important first
 * @param {number} height of each label
 * @param {{ width: number, height: number }} room of the screen
 * @returns {(Place | null)[]}
 */
export function placed(labels, height, room) {
  /** @type {Place[]} */
  const taken = [];
  return labels.map(({ box: [x0, y0, x1, y1], width }) => {
    const left = Math.max(0, x0);
    const right = Math.min(room.width, x1);
    const outside = right <= left || y1 <= 0 || y0 >= room.height;
    if (outside) return null;
    const x = Math.max(0, Math.min(left, room.width - width));
    const wishes = [y0 - height, Math.max(0, y0), y1, Math.min(room.height, y1) - height];
    const free = wishes
      .filter((y) => y >= 0 && y + height <= room.height)
      .map((y) => ({ x, y, width, height }))
      .find((place) => !taken.some((one) => overlap(one, place)));
    if (free) taken.push(free);
    return free ?? null;
  });
}

/**
 * @param {Place} a
 * @param {Place} b
 */
const overlap = (a, b) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/**
 * Black or white, whichever is the easier to read on a colour.
 * @param {string} hex such as "#e6194b"
 */
export function inkOn(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000" : "#fff";
}
