// The prompts as they are drawn, and which of them lies under a point.

/** @import { Box, Point, Step } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { draw } from "./nodes.js";
import { moveExemplar, removeExemplar } from "./state/concepts.js";
import { dropEmptyStep, stepOfInstance } from "./state/corrections.js";
import {
  dropBox,
  dropPoint,
  moveBox,
  movePoint,
  removeBox,
  removeClick,
  withId,
} from "./state/objects.js";

/** @typedef {ReturnType<typeof createMarks>} Marks */
/**
 * One prompt of the open tab: a point, or a box whose corner has a badge.
 * @typedef {object} Prompt
 * @property {Box | null} box
 * @property {boolean} positive
 * @property {boolean} faint whether it belongs to something that is not worked on
 * @property {() => void} remove
 * @property {(to: Point | Box) => void} move
 */
/** @typedef {Point & Prompt} Mark */
/**
 * What a point or a box is moved by, in image pixels.
 * @typedef {{ place: number, by: Point }} Shift
 */
/** @typedef {{ box: Box, positive: boolean }} Draft */

const HANDLE = 9;

/**
 * @param {Pick<Parts, "marks">} parts
 * @param {Store} store
 * @param {View} view
 */
export function createMarks(parts, store, view) {
  /** @type {Draft | null} */
  let draft = null;
  /** @type {Point | null} */
  let cursor = null;
  /** @type {Shift | null} */
  let shift = null;

  /** @returns {Mark[]} */
  function listed() {
    return store.settings.mode === "concepts" ? ofConcepts() : [...ofObjects(), ...ofMending()];
  }

  function ofConcepts() {
    const { concepts, active } = store.concepts;
    return concepts.flatMap(({ id, exemplars }, row) =>
      exemplars.map(({ box, positive }, index) => ({
        ...corner(box),
        box,
        positive,
        faint: row !== active,
        remove: () => store.changeConcepts((doc) => removeExemplar(doc, id, index)),
        /** @param {Point | Box} to */
        move: (to) => store.changeConcepts((doc) => moveExemplar(doc, id, index, asBox(to))),
      })),
    );
  }

  function ofObjects() {
    const { objects, active } = store.objects;
    return objects.flatMap(({ id, box, points }, row) => {
      const faint = row !== active || store.concepts.mending !== null;
      /** @type {Mark[]} */
      const marks = points.map((point, index) => ({
        ...point,
        box: null,
        faint,
        remove: () => store.changeObjects((doc) => removeClick(doc, id, index)),
        move: (/** @type {Point | Box} */ to) =>
          store.changeObjects((doc) => movePoint(withId(doc, id), index, asPoint(to))),
      }));
      if (box) {
        const remove = () => store.changeObjects((doc) => removeBox(doc, id));
        /** @param {Point | Box} to */
        const move = (to) => store.changeObjects((doc) => moveBox(withId(doc, id), asBox(to)));
        marks.unshift({ ...corner(box), box, positive: true, faint, remove, move });
      }
      return marks;
    });
  }

  /** @returns {Mark[]} those of the instance that is mended */
  function ofMending() {
    const { mending } = store.concepts;
    const step = mending === null ? undefined : stepOfInstance(store.concepts, mending);
    if (mending === null || !step) return [];
    /** @param {(step: Step) => void} change */
    const without = (change) => () =>
      store.changeConcepts((doc) => {
        const one = stepOfInstance(doc, mending);
        if (one) change(one);
        dropEmptyStep(doc, mending);
      });
    /** @type {Mark[]} */
    const marks = step.points.map((point, index) => ({
      ...point,
      box: null,
      faint: false,
      remove: without((one) => dropPoint(one, index)),
      move: (to) => without((one) => movePoint(one, index, asPoint(to)))(),
    }));
    const { box } = step;
    if (box) {
      marks.unshift({
        ...corner(box),
        box,
        positive: true,
        faint: false,
        remove: without(dropBox),
        move: (to) => without((one) => moveBox(one, asBox(to)))(),
      });
    }
    return marks;
  }

  function redraw() {
    parts.marks.replaceChildren();
    const size = 1 / view.zoom;
    for (const [place, mark] of listed().entries()) {
      drawMark(shift?.place === place ? shifted(mark, shift.by) : mark, size);
    }
    if (draft) drawBox(draft.box, draft.positive, "draft");
    if (cursor) drawCursor(cursor, size);
  }

  /**
   * @param {Box} box
   * @param {boolean} positive
   * @param {string} extra
   */
  function drawBox([x, y, right, bottom], positive, extra) {
    const frame = { x, y, width: right - x, height: bottom - y };
    draw(parts.marks, "rect", { ...frame, class: "casing" });
    draw(parts.marks, "rect", { ...frame, class: `box ${positive ? "plus" : "minus"} ${extra}` });
  }

  /**
   * @param {Mark} mark
   * @param {number} size
   */
  function drawMark({ x, y, box, positive, faint }, size) {
    const extra = faint ? "faint" : "";
    if (box) drawBox(box, positive, extra);
    const badge = draw(parts.marks, "g", {
      transform: `translate(${x} ${y}) scale(${size})`,
      class: `mark ${box ? "box" : "point"} ${positive ? "plus" : "minus"} ${extra}`,
    });
    draw(badge, "circle", { r: HANDLE });
    draw(badge, "path", { d: positive ? "M-4.5 0h9M0-4.5v9" : "M-4.5 0h9" });
  }

  /**
   * @param {Point} place
   * @param {number} size
   */
  function drawCursor({ x, y }, size) {
    const transform = `translate(${x} ${y}) scale(${size})`;
    const sight = draw(parts.marks, "g", { transform, class: "cursor" });
    draw(sight, "path", { d: "M-18 0h12M6 0h12M0-18v12M0 6v12" });
  }

  /**
   * Where a mark is when it is moved, inside the image.
   * @param {Mark} mark
   * @param {Point} by
   * @returns {Mark}
   */
  function shifted(mark, { x, y }) {
    const { width, height } = view.at;
    const [x0, y0, x1, y1] = mark.box ?? [mark.x, mark.y, mark.x, mark.y];
    const right = Math.min(width - x1, Math.max(-x0, x));
    const down = Math.min(height - y1, Math.max(-y0, y));
    /** @type {Box} */
    const box = [x0 + right, y0 + down, x1 + right, y1 + down];
    return { ...mark, x: mark.x + right, y: mark.y + down, box: mark.box && box };
  }

  /**
   * @param {Point} point
   * @param {number} reach in screen pixels
   */
  function nearest(point, reach) {
    /** @param {Mark} mark */
    const away = ({ x, y }) => Math.hypot(x - point.x, y - point.y) * view.zoom;
    return [...listed().entries()]
      .filter(([, mark]) => away(mark) <= reach)
      .sort(([, a], [, b]) => away(a) - away(b))[0];
  }

  store.listen(redraw);
  view.listen(redraw);

  return {
    /**
     * Begin to move the prompt whose point or badge is there; null where none is.
     * @param {Point} point
     * @param {number} reach in screen pixels
     */
    grab(point, reach) {
      const found = nearest(point, reach);
      if (!found) return null;
      const [place] = found;
      /** @param {Point} to */
      const by = (to) => ({ x: to.x - point.x, y: to.y - point.y });
      return {
        /** @param {Point} to */
        to(to) {
          shift = { place, by: by(to) };
          redraw();
        },
        /** @param {Point} to */
        drop(to) {
          shift = null;
          const mark = listed()[place];
          if (!mark) return;
          const { x, y, box } = shifted(mark, by(to));
          mark.move(box ?? { x, y });
          redraw();
        },
        cancel() {
          shift = null;
          redraw();
        },
      };
    },
    /**
     * The prompt whose point or badge is within `reach` screen pixels; the nearest one.
     * @param {Point} point
     * @param {number} reach
     * @returns {Mark | undefined}
     */
    near: (point, reach) => nearest(point, reach)?.[1],
    /** @param {Draft | null} value */
    setDraft(value) {
      draft = value;
      redraw();
    },
    /** @param {Point | null} value */
    setCursor(value) {
      cursor = value;
      redraw();
    },
    get cursor() {
      return cursor;
    },
    removeLast() {
      listed()
        .filter((mark) => !mark.faint)
        .at(-1)
        ?.remove();
    },
  };
}

/** @param {Point | Box} to */
const asBox = (to) => /** @type {Box} */ (to);
/** @param {Point | Box} to */
const asPoint = (to) => /** @type {Point} */ (to);

/** @param {Box} box */
const corner = ([x, y]) => ({ x, y });
