// Where the image lies on the screen: fit, zoom at a point, pan, and image coordinates.

/** @import { Point } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */

/** @typedef {ReturnType<typeof createView>} View */

const MAX_ZOOM = 64;
const MAX_FITTED = 8;
/** Screen pixels of the image that stay in sight. */
const IN_SIGHT = 48;
/** From this zoom on, pixels are shown as squares. */
const COARSE = 3;

/** @param {Pick<Parts, "viewport" | "stage" | "marks">} parts */
export function createView({ viewport, stage, marks }) {
  /** @type {(() => void)[]} */
  const listeners = [];
  const at = { width: 0, height: 0, scale: 1, x: 0, y: 0, fitted: true };

  function apply() {
    stage.style.width = `${at.width}px`;
    stage.style.height = `${at.height}px`;
    stage.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
    stage.classList.toggle("coarse", at.scale >= COARSE);
    for (const listener of listeners) listener();
  }

  function fitScale() {
    return Math.min(viewport.clientWidth / at.width, viewport.clientHeight / at.height);
  }

  function fit() {
    if (!(at.width && viewport.clientWidth)) return;
    at.scale = Math.min(fitScale(), MAX_FITTED);
    at.x = (viewport.clientWidth - at.width * at.scale) / 2;
    at.y = (viewport.clientHeight - at.height * at.scale) / 2;
    at.fitted = true;
    apply();
  }

  /**
   * A part of the image always stays in sight.
   * @param {number} offset
   * @param {number} length
   * @param {number} room
   */
  function bounded(offset, length, room) {
    const margin = Math.min(IN_SIGHT, length / 2);
    return Math.min(room - margin, Math.max(margin - length, offset));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  function moveTo(x, y) {
    at.x = bounded(x, at.width * at.scale, viewport.clientWidth);
    at.y = bounded(y, at.height * at.scale, viewport.clientHeight);
    at.fitted = false;
    apply();
  }

  /**
   * A page may be scaled by CSS: the screen's pixels are then not the viewport's.
   * @param {number} clientX
   * @param {number} clientY
   */
  function inViewport(clientX, clientY) {
    const box = viewport.getBoundingClientRect();
    const ratio = viewport.offsetWidth / box.width;
    return {
      x: (clientX - box.left) * ratio - viewport.clientLeft,
      y: (clientY - box.top) * ratio - viewport.clientTop,
    };
  }

  /**
   * @param {number} clientX
   * @param {number} clientY
   * @param {number} factor
   */
  function zoomAt(clientX, clientY, factor) {
    if (!at.width) return;
    const least = Math.min(fitScale(), 1) / 2;
    const scale = Math.min(MAX_ZOOM, Math.max(least, at.scale * factor));
    const point = inViewport(clientX, clientY);
    const grown = scale / at.scale;
    at.scale = scale;
    moveTo(point.x - (point.x - at.x) * grown, point.y - (point.y - at.y) * grown);
  }

  new ResizeObserver(() => {
    if (at.fitted) fit();
    else apply();
  }).observe(viewport);

  return {
    /** @type {Readonly<typeof at>} */
    at,
    fit,
    zoomAt,
    /** @param {() => void} listener */
    listen(listener) {
      listeners.push(listener);
    },
    /**
     * @param {number} dx
     * @param {number} dy
     */
    panBy: (dx, dy) => moveTo(at.x + dx, at.y + dy),
    /** @param {number} factor */
    zoomBy(factor) {
      const box = viewport.getBoundingClientRect();
      zoomAt(box.left + box.width / 2, box.top + box.height / 2, factor);
    },
    /**
     * @param {number} width
     * @param {number} height
     */
    setSize(width, height) {
      Object.assign(at, { width, height });
      marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
      fit();
    },
    /**
     * Image pixels, exact under every transform: measured on the image's own frame.
     * @param {number} clientX
     * @param {number} clientY
     * @returns {Point}
     */
    toImage(clientX, clientY) {
      const box = stage.getBoundingClientRect();
      return {
        x: ((clientX - box.left) / box.width) * at.width,
        y: ((clientY - box.top) / box.height) * at.height,
      };
    },
    /** Screen pixels for one image pixel. */
    get zoom() {
      return stage.getBoundingClientRect().width / at.width || 1;
    },
    /** @param {Point} point */
    inside: (point) => point.x >= 0 && point.y >= 0 && point.x < at.width && point.y < at.height,
  };
}
