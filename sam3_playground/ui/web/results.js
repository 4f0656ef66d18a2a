// What came back: the server's picture of it or, until that follows what is looked at, one that
// is painted here; which instance lies where, and the highlight of one of them.

/** @import { Answer, Ask, Instance, Point, Screen, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Look } from "./drawing/look.js" */
/** @import { Spans } from "./drawing/runs.js" */
/** @import { View } from "./view.js" */
import { colourOf, lookOf, painted, seen } from "./drawing/look.js";
import { packed, paint } from "./drawing/paint.js";
import { areaOf, holds, outlineOf, spansIn } from "./drawing/runs.js";

/** @typedef {ReturnType<typeof createResults>} Results */
/** @typedef {{ spans: Spans, area: number, outline: () => Spans }} Shape */
/**
 * An answer with its masks, and what the server's picture of it shows.
 * @typedef {object} Shown
 * @property {Answer["rows"]} rows
 * @property {Screen} screen
 * @property {Map<string, Shape>} shapes by the ids of instances
 * @property {string} drawn
 */

const GLOW_OPACITY = 120 / 255;

/**
 * @param {Pick<Parts, "stage" | "overlay" | "draft" | "glow">} parts
 * @param {Setup} setup
 * @param {View} view
 */
export function createResults({ stage, overlay, draft, glow }, { colours }, view) {
  /** @type {Shown | null} */
  let shown = null;
  /** @type {Look | null} */
  let look = null;
  /**
   * Those that are looked at.
   * @type {Instance[]}
   */
  let visible = [];
  /** @type {string | null} */
  let lit = null;
  let generation = 0;
  /** Whether the picture that is painted here is due. */
  let due = false;
  /** @type {(() => void)[]} */
  const listeners = [];

  function clear() {
    generation += 1;
    overlay.removeAttribute("src");
    overlay.classList.remove("stale");
    shown = null;
    refresh();
  }

  /**
   * Whether it is on the screen: false where a newer one came meanwhile.
   * @param {Answer} answer
   * @param {Ask} ask
   */
  async function show(answer, ask) {
    generation += 1;
    const mine = generation;
    const cover = await loaded(answer.overlay);
    if (mine !== generation) return false;
    const { rows, screen } = answer;
    const all = rows.flatMap((row) => row.instances);
    const shapes = new Map(all.map(({ id, runs }) => [id, shapeOf(runs, screen)]));
    shown = { rows, screen, shapes, drawn: painted(rows, lookOf(ask)) };
    if (cover) overlay.src = cover.src;
    else overlay.removeAttribute("src");
    refresh();
    return true;
  }

  /** What is looked at of what came back. */
  function refresh() {
    visible = shown && look ? seen(shown.rows, look) : [];
    const behind = shown !== null && look !== null && painted(shown.rows, look) !== shown.drawn;
    stage.classList.toggle("drafted", behind);
    if (behind) soon();
    highlight(lit, true);
    for (const listener of listeners) listener();
  }

  /** Once for each frame of the screen, however often a slider moves. */
  function soon() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      if (stage.classList.contains("drafted")) drawDraft();
    });
  }

  function drawDraft() {
    if (!(shown && look)) return;
    const { screen, shapes } = shown;
    const { style } = look;
    const layers = visible.flatMap((one) => {
      const shape = shapes.get(one.id);
      const colour = colours[colourOf(one, style) % colours.length];
      return shape ? [{ ...shape, colour }] : [];
    });
    drawOn(draft, screen, (pixels) => paint(pixels, screen, layers, style));
  }

  /** @param {string | null} id */
  function highlight(id, again = false) {
    if (id === lit && !again) return;
    const all = shown?.rows.flatMap(({ instances }) => instances) ?? [];
    const instance = all.find((one) => one.id === id);
    lit = instance ? id : null;
    glow.width = 0;
    glow.height = 0;
    if (instance && shown) drawGlow(instance, shown);
  }

  /**
   * @param {Instance} instance
   * @param {Shown} from
   */
  function drawGlow({ id, box }, { screen, shapes }) {
    const context = drawOn(glow, screen, (pixels) => {
      const { spans } = shapes.get(id) ?? { spans: [] };
      const white = packed("#ffffff", GLOW_OPACITY);
      for (let at = 0; at < spans.length; at += 2) pixels.fill(white, spans[at], spans[at + 1]);
    });
    const [x0, y0, x1, y1] = box;
    const scale = glow.width / view.at.width;
    context.strokeStyle = "#fff";
    context.lineWidth = Math.max(1.5, 2.5 * (scale / view.zoom));
    context.strokeRect(x0 * scale, y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale);
  }

  return {
    clear,
    show,
    /** @param {() => void} listener told when others are to be seen */
    listen(listener) {
      listeners.push(listener);
    },
    /** @param {Look} now */
    setLook(now) {
      look = now;
      refresh();
    },
    /** The instances that are to be seen, with the labels of their rows. */
    get visible() {
      const rows = shown?.rows ?? [];
      return rows.flatMap(({ label, instances }) =>
        instances.filter((one) => visible.includes(one)).map((one) => ({ ...one, label })),
      );
    },
    /** Their masks, as stretches of pixels of the screen's picture. */
    get spans() {
      return visible.flatMap(({ id }) => shown?.shapes.get(id)?.spans ?? []);
    },
    /**
     * Paint on a canvas as large as the screen's picture.
     * @param {HTMLCanvasElement} canvas
     * @param {(pixels: Uint32Array) => void} fill
     */
    drawOn(canvas, fill) {
      if (shown) drawOn(canvas, shown.screen, fill);
    },
    /** @param {string | null} id */
    highlight: (id) => highlight(id),
    /**
     * What is painted here is of now.
     * @param {boolean} stale
     */
    setStale: (stale) =>
      overlay.classList.toggle("stale", stale && !stage.classList.contains("drafted")),
    /**
     * The id of the instance at a point of the image, the smallest one; null where there is none.
     * @param {Point} point
     */
    idAt(point) {
      if (!(shown && view.inside(point))) return null;
      const { screen, shapes } = shown;
      const [height, width] = screen.size;
      const x = Math.floor((point.x / view.at.width) * width);
      const y = Math.floor((point.y / view.at.height) * height);
      const here = visible.filter(({ id }) => {
        const shape = shapes.get(id);
        return shape && holds(shape.spans, y * width + x);
      });
      return here.sort((a, b) => a.area - b.area)[0]?.id ?? null;
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
 * @param {string} runs
 * @param {Screen} screen
 * @returns {Shape}
 */
function shapeOf(runs, { size, line }) {
  const spans = spansIn(runs);
  /** @type {Spans | undefined} */
  let border;
  const outline = () => {
    border ??= outlineOf(spans, size, line);
    return border;
  };
  return { spans, area: areaOf(spans), outline };
}

/**
 * What was painted on last: a slider's move needs no other.
 * @type {ImageData | undefined}
 */
let sheet;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Screen} screen
 * @param {(pixels: Uint32Array) => void} fill
 */
function drawOn(canvas, { size: [height, width] }, fill) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("expected a canvas to draw on, got none: the browser lacks memory");
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  if (sheet?.width !== width || sheet.height !== height) sheet = new ImageData(width, height);
  const pixels = new Uint32Array(sheet.data.buffer);
  pixels.fill(0);
  fill(pixels);
  context.putImageData(sheet, 0, 0);
  return context;
}
