// What the server draws over an image, painted again at once: fills, outlines, boxes. As there,
// smaller masks lie on larger ones, and lines on all of them.

/** @import { Screen, Style } from "../types.d.ts" */
/** @import { Spans } from "./runs.js" */
import { frameOf } from "./runs.js";

/**
 * One instance's mask; the outline is made when it is first wanted.
 * @typedef {{ spans: Spans, area: number, colour: string, outline: () => Spans }} Layer
 */

/**
 * A colour as it lies in the memory of a picture.
 * @param {string} hex such as "#e6194b"
 * @param {number} alpha in [0, 1]
 */
export function packed(hex, alpha) {
  const rgb = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return new Uint32Array(Uint8Array.of(...rgb, Math.round(255 * alpha)).buffer)[0];
}

/**
 * Paint over the pixels of an empty picture.
 * @param {Uint32Array} pixels
 * @param {Screen} screen its height and width, and the width of lines
 * @param {Layer[]} layers in the order of the list
 * @param {Pick<Style, "opacity" | "masks" | "outlines" | "boxes">} style
 */
export function paint(pixels, { size, line }, layers, { opacity, masks, outlines, boxes }) {
  if (masks) {
    const order = layers.map((_, place) => place);
    order.sort((a, b) => layers[b].area - layers[a].area || b - a);
    for (const place of order) {
      fill(pixels, layers[place].spans, packed(layers[place].colour, opacity));
    }
  }
  if (outlines) {
    for (const { outline, colour } of layers) fill(pixels, outline(), packed(colour, 1));
  }
  if (boxes) {
    for (const { spans, colour } of layers) frame(pixels, size, spans, line, packed(colour, 1));
  }
}

/**
 * @param {Uint32Array} pixels
 * @param {Spans} spans
 * @param {number} colour
 */
function fill(pixels, spans, colour) {
  for (let at = 0; at < spans.length; at += 2) pixels.fill(colour, spans[at], spans[at + 1]);
}

/**
 * @param {Uint32Array} pixels
 * @param {[number, number]} size
 * @param {Spans} spans
 * @param {number} line
 * @param {number} colour
 */
function frame(pixels, [height, width], spans, line, colour) {
  const box = frameOf(spans, width);
  if (!box) return;
  const reach = Math.floor(line / 2);
  const [x0, y0, x1, y1] = box;
  for (let y = Math.max(0, y0 - reach); y <= Math.min(height - 1, y1 + reach); y += 1) {
    const across = Math.abs(y - y0) <= reach || Math.abs(y - y1) <= reach;
    for (const [from, to] of across
      ? [[x0 - reach, x1 + reach]]
      : [
          [x0 - reach, x0 + reach],
          [x1 - reach, x1 + reach],
        ]) {
      const start = y * width + Math.max(0, from);
      pixels.fill(colour, start, y * width + Math.min(width - 1, to) + 1);
    }
  }
}
