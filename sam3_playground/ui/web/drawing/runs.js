// Masks as stretches of pixels: [start, end) pairs through the rows of a picture.

/** @typedef {Uint32Array} Spans */

/**
 * The stretches of true pixels in COCO's compressed counts, which here go row by row: five bits
 * a character from 48 on, low ones first, bit 5 says that more follow, bit 4 of the last is the
 * sign; from the fourth run on each is the difference to the run before the last.
 * @param {string} counts
 * @returns {Spans}
 */
export function spansIn(counts) {
  /** @type {number[]} */
  const runs = [];
  let value = 0;
  let weight = 1;
  for (const character of counts) {
    const digit = character.charCodeAt(0) - 48;
    value += (digit % 32) * weight;
    weight *= 32;
    if (digit < 32) {
      if (digit >= 16) value -= weight;
      runs.push(runs.length > 2 ? value + (runs.at(-2) ?? 0) : value);
      value = 0;
      weight = 1;
    }
  }
  const spans = new Uint32Array(2 * Math.floor(runs.length / 2));
  let place = 0;
  for (const [index, run] of runs.entries()) {
    place += run;
    if (index < spans.length) spans[index] = place;
  }
  return spans;
}

/** @param {Spans} spans */
export function areaOf(spans) {
  let area = 0;
  for (let at = 0; at < spans.length; at += 2) area += spans[at + 1] - spans[at];
  return area;
}

/**
 * Whether a pixel is in one of them.
 * @param {Spans} spans
 * @param {number} pixel its place through the rows
 */
export function holds(spans, pixel) {
  let low = 0;
  let high = spans.length; // how many edges lie at or before the pixel
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (spans[middle] <= pixel) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

/**
 * The box around them, [x0, y0, x1, y1) in pixels of a picture of that width; null for none.
 * @param {Spans} spans
 * @param {number} width
 * @returns {[number, number, number, number] | null}
 */
export function frameOf(spans, width) {
  if (!spans.length) return null;
  let left = width;
  let right = 0;
  for (const [start, end] of inRows(spans, width)) {
    left = Math.min(left, start % width);
    right = Math.max(right, ((end - 1) % width) + 1);
  }
  const bottom = Math.floor(((spans.at(-1) ?? 0) - 1) / width) + 1;
  return [left, Math.floor(spans[0] / width), right, bottom];
}

/**
 * The same, each within one row.
 * @param {Spans} spans
 * @param {number} width
 */
function* inRows(spans, width) {
  for (let at = 0; at < spans.length; at += 2) {
    let start = spans[at];
    while (start < spans[at + 1]) {
      const end = Math.min(spans[at + 1], (Math.floor(start / width) + 1) * width);
      yield [start, end];
      start = end;
    }
  }
}

/**
 * A line along the mask's border, its holes' too, of some pixels' width.
 * @param {Spans} spans
 * @param {[number, number]} size height and width of the picture
 * @param {number} line
 * @returns {Spans}
 */
export function outlineOf(spans, [height, width], line) {
  const frame = frameOf(spans, width);
  if (!frame) return spans;
  const reach = Math.floor(line / 2);
  const room = reach + 1;
  const [left, top] = [frame[0] - room, frame[1] - room];
  const wide = frame[2] + room - left;
  const high = frame[3] + room - top;
  const inside = new Uint8Array(wide * high);
  for (const [start, end] of inRows(spans, width)) {
    const row = Math.floor(start / width);
    const from = (row - top) * wide + (start % width) - left;
    inside.fill(1, from, from + end - start);
  }
  const drawn = new Uint8Array(wide * high);
  const halves = halfWidths(line, reach);
  for (let pixel = 0; pixel < inside.length; pixel += 1) {
    const around =
      inside[pixel - 1] + inside[pixel + 1] + inside[pixel - wide] + inside[pixel + wide];
    if (inside[pixel] && around < 4) {
      for (const [index, half] of halves.entries()) {
        const middle = pixel + (index - reach) * wide;
        drawn.fill(1, middle - half, middle + half + 1);
      }
    }
  }
  return spansOf(drawn, { left, top, wide, high }, [height, width]);
}

/**
 * Of a round pen, for each of its rows from the top: pixels to either side of its middle.
 * @param {number} line
 * @param {number} reach
 */
const halfWidths = (line, reach) =>
  Array.from({ length: 2 * reach + 1 }, (_, row) =>
    Math.floor(Math.sqrt(Math.max(0, (line / 2) ** 2 - (row - reach) ** 2))),
  );

/**
 * The stretches of what is set in a part of a picture.
 * @param {Uint8Array} bits
 * @param {{ left: number, top: number, wide: number, high: number }} part which may reach out
 * @param {[number, number]} size
 * @returns {Spans}
 */
function spansOf(bits, { left, top, wide, high }, [height, width]) {
  /** @type {number[]} */
  const edges = [];
  const [from, to] = [Math.max(0, -left), Math.min(wide, width - left)];
  for (let row = Math.max(0, -top); row < Math.min(high, height - top); row += 1) {
    const shift = (row + top) * width + left - row * wide;
    let before = 0;
    for (let pixel = row * wide + from; pixel < row * wide + to; pixel += 1) {
      if (bits[pixel] !== before) edges.push(pixel + shift);
      before = bits[pixel];
    }
    if (before) edges.push(row * wide + to + shift);
  }
  return Uint32Array.from(edges);
}
