// The image itself in a view: its background or its objects changed. Saved pictures show the same,
// drawn by the server.

/** @import { Setup } from "./types.d.ts" */

/** @typedef {{ view: string, ofObjects: boolean, sizes: Setup["changes"] }} Change */
/** @typedef {HTMLCanvasElement | HTMLImageElement} Source */

/**
 * Paint what lies over the image: what of it is changed, and nothing elsewhere.
 * @param {HTMLCanvasElement} canvas as large as the mask
 * @param {Source} image
 * @param {HTMLCanvasElement} mask opaque where objects are
 * @param {Change} change
 */
export function paintChanged(canvas, image, mask, change) {
  const context = contextOf(canvas);
  context.globalCompositeOperation = "source-over";
  PAINTERS[change.view.split("_")[0]](context, image, change.sizes);
  context.globalCompositeOperation = change.ofObjects ? "destination-in" : "destination-out";
  context.drawImage(mask, 0, 0, canvas.width, canvas.height);
}

/** @type {Record<string, (on: CanvasRenderingContext2D, image: Source, sizes: Setup["changes"]) => void>} */
const PAINTERS = {
  cutout: (on) => cover(on, "#fff"),
  dark: (on, image, { darkness }) => {
    whole(on, image);
    cover(on, `rgb(0 0 0 / ${darkness})`);
  },
  grey: (on, image) => {
    whole(on, image);
    on.globalCompositeOperation = "saturation";
    cover(on, "#000");
  },
  // The mean of a square of pixels, twice as wide as it moves, is what a smooth picture of a
  // smaller one comes near.
  blurred: (on, image, { blur }) => {
    const steps = smaller(on.canvas, image, blur / 2);
    let picture = steps.at(-1) ?? image;
    for (const { width, height } of steps.slice(0, -1).reverse()) {
      picture = resized(picture, width, height);
    }
    whole(on, picture);
  },
  pixelated: (on, image, { pixel }) => {
    const last = smaller(on.canvas, image, pixel).at(-1) ?? image;
    on.imageSmoothingEnabled = false;
    whole(on, last);
    on.imageSmoothingEnabled = true;
  },
};

/**
 * @param {CanvasRenderingContext2D} on
 * @param {Source} picture
 */
const whole = (on, picture) => on.drawImage(picture, 0, 0, on.canvas.width, on.canvas.height);

/**
 * @param {CanvasRenderingContext2D} on
 * @param {string} colour
 */
function cover(on, colour) {
  on.fillStyle = colour;
  on.fillRect(0, 0, on.canvas.width, on.canvas.height);
}

/**
 * Pictures of which each is half of the one before, until a pixel is as large as is wanted: a
 * browser takes the mean of four pixels, not of more.
 * @param {{ width: number, height: number }} size
 * @param {Source} image
 * @param {number} share of the longer side that a pixel of the last one is
 */
function smaller({ width, height }, image, share) {
  const pixel = Math.max(2, Math.round(share * Math.max(width, height)));
  const last = [width, height].map((side) => Math.max(1, Math.round(side / pixel)));
  const steps = [];
  let [wide, high] = [width, height];
  let picture = image;
  do {
    wide = Math.max(last[0], Math.ceil(wide / 2));
    high = Math.max(last[1], Math.ceil(high / 2));
    const next = resized(picture, wide, high);
    steps.push(next);
    picture = next;
  } while (wide > last[0] || high > last[1]);
  return steps;
}

/**
 * @param {Source} picture
 * @param {number} width
 * @param {number} height
 */
function resized(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  whole(contextOf(canvas), picture);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("expected a canvas to draw on, got none: the browser lacks memory");
  return context;
}
