// What came back: the overlay, which instance lies where, and the highlight of one of them.

/** @import { Answer, Instance, Point } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { View } from "./view.js" */

/** @typedef {ReturnType<typeof createResults>} Results */
/**
 * The index map: its numbers are the red bytes.
 * @typedef {{ width: number, height: number, rgba: Uint8ClampedArray }} Indices
 */

const GLOW_OPACITY = 120;

/**
 * @param {Pick<Parts, "overlay" | "glow">} parts
 * @param {View} view
 */
export function createResults({ overlay, glow }, view) {
  /**
   * By their ids.
   * @type {Map<string, Instance>}
   */
  let entries = new Map();
  /**
   * By their values in the index map.
   * @type {Map<number, Instance>}
   */
  let indexed = new Map();
  /** @type {Indices | null} */
  let indices = null;
  /** @type {string | null} */
  let lit = null;
  let generation = 0;

  function clear() {
    generation += 1;
    overlay.removeAttribute("src");
    overlay.classList.remove("stale");
    indices = null;
    entries = new Map();
    indexed = new Map();
    highlight(null);
  }

  /**
   * Whether it is on the screen: false where a newer one came meanwhile.
   * @param {Answer} answer
   */
  async function show(answer) {
    generation += 1;
    const mine = generation;
    const [cover, map] = await Promise.all([loaded(answer.overlay), loaded(answer.index_map)]);
    if (mine !== generation) return false;
    const instances = answer.rows.flatMap((row) => row.instances);
    entries = new Map(instances.map((one) => [one.id, one]));
    indexed = new Map(instances.filter((one) => one.index > 0).map((one) => [one.index, one]));
    if (cover) overlay.src = cover.src;
    else overlay.removeAttribute("src");
    indices = map && indicesIn(map);
    highlight(lit, true);
    return true;
  }

  /** @param {string | null} id */
  function highlight(id, again = false) {
    if (id === lit && !again) return;
    const instance = id === null ? undefined : entries.get(id);
    lit = instance ? id : null;
    glow.width = 0;
    glow.height = 0;
    if (instance && indices) drawGlow(instance, indices);
  }

  /**
   * @param {Instance} instance
   * @param {Indices} indices
   */
  function drawGlow(instance, { width, height, rgba }) {
    const context = contextOf(glow);
    glow.width = width;
    glow.height = height;
    const picture = context.createImageData(width, height);
    const { data } = picture;
    for (let at = 0; at < rgba.length; at += 4) {
      if (instance.index && rgba[at] === instance.index) {
        data.fill(255, at, at + 3);
        data[at + 3] = GLOW_OPACITY;
      }
    }
    context.putImageData(picture, 0, 0);
    const [x0, y0, x1, y1] = instance.box;
    const scale = width / view.at.width;
    context.strokeStyle = "#fff";
    context.lineWidth = Math.max(1.5, 2.5 * (scale / view.zoom));
    context.strokeRect(x0 * scale, y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale);
  }

  return {
    clear,
    show,
    /** @param {string | null} id */
    highlight: (id) => highlight(id),
    /** @param {boolean} stale */
    setStale: (stale) => overlay.classList.toggle("stale", stale),
    /**
     * The id of the instance at a point of the image; null where there is none.
     * @param {Point} point
     */
    idAt(point) {
      if (!(indices && view.inside(point))) return null;
      const x = Math.floor((point.x / view.at.width) * indices.width);
      const y = Math.floor((point.y / view.at.height) * indices.height);
      return indexed.get(indices.rgba[(y * indices.width + x) * 4])?.id ?? null;
    },
  };
}

/** @param {string | null} url */
async function loaded(url) {
  if (url === null) return null;
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return picture;
}

/**
 * @param {HTMLImageElement} map
 * @returns {Indices}
 */
function indicesIn(map) {
  const canvas = document.createElement("canvas");
  canvas.width = map.naturalWidth;
  canvas.height = map.naturalHeight;
  const context = contextOf(canvas, { willReadFrequently: true });
  context.drawImage(map, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, rgba: data };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [options]
 */
function contextOf(canvas, options) {
  const context = canvas.getContext("2d", options);
  if (context) return context;
  throw new Error("expected a canvas to draw on, got none: the browser lacks memory");
}
