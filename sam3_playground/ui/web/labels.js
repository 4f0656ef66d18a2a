// The labels of what is found. They are as large as other letters of the page, however near one
// looks at the image.

/** @import { Instance, Setup } from "./types.d.ts" */
/** @import { Place } from "./drawing/labels.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { inkOn, placed } from "./drawing/labels.js";
import { colourOf } from "./drawing/look.js";
import { draw } from "./nodes.js";

const FONT = "600 12px system-ui, sans-serif";
const HEIGHT = 18;
const PADDING = 5;
/** Keeps the score behind words that read from the right. */
const LEFT_TO_RIGHT = "\u200e";

/**
 * @param {Pick<Parts, "labels" | "viewport">} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Results} results
 * @param {View} view
 */
export function createLabels({ labels, viewport }, { colours }, store, results, view) {
  const pen = document.createElement("canvas").getContext("2d");
  /** @type {Map<string, number>} */
  const widths = new Map();

  /** @param {string} text */
  function widthOf(text) {
    const known = widths.get(text);
    if (known !== undefined) return known;
    if (pen) pen.font = FONT;
    const width = Math.ceil(pen?.measureText(text).width ?? 8 * text.length) + 2 * PADDING;
    widths.set(text, width);
    return width;
  }

  /** @param {Instance & { label: string }} one */
  function entry(one) {
    const [x0, y0, x1, y1] = one.box;
    const text = `${one.label} ${LEFT_TO_RIGHT}${one.score.toFixed(2)}`;
    const { scale, x, y } = view.at;
    /** @type {typeof one.box} */
    const box = [x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y];
    const colour = colours[colourOf(one, store.settings.style) % colours.length];
    return { text, box, width: widthOf(text), colour };
  }

  /**
   * @param {{ text: string, colour: string }} entry
   * @param {Place} place
   */
  function drawLabel({ text, colour }, { x, y, width, height }) {
    draw(labels, "rect", { x, y, width, height, rx: 3, fill: colour });
    const node = draw(labels, "text", { x: x + PADDING, y: y + 13, fill: inkOn(colour) });
    node.textContent = text;
  }

  function redraw() {
    labels.replaceChildren();
    if (!(store.settings.style.labels && view.at.width)) return;
    const entries = results.visible.map(entry);
    const room = { width: viewport.clientWidth, height: viewport.clientHeight };
    for (const [index, place] of placed(entries, HEIGHT, room).entries()) {
      if (place) drawLabel(entries[index], place);
    }
  }

  results.listen(redraw);
  view.listen(redraw);
}
