// The prompts as they are drawn, and which of them lies under a point.

/** @import { Box, Point, Step } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { draw } from "./nodes.js";
import { removeExemplar } from "./state/concepts.js";
import { dropEmptyStep, stepOfInstance } from "./state/corrections.js";
import { dropBox, dropPoint, removeBox, removeClick } from "./state/objects.js";

/** @typedef {ReturnType<typeof createMarks>} Marks */
/**
 * One prompt of the open tab: a point, or a box whose corner has a badge.
 * @typedef {Point & { box: Box | null, positive: boolean, faint: boolean, remove: () => void }} Mark
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
      }));
      if (box) {
        const remove = () => store.changeObjects((doc) => removeBox(doc, id));
        marks.unshift({ ...corner(box), box, positive: true, faint, remove });
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
    }));
    const { box } = step;
    if (box) {
      marks.unshift({
        ...corner(box),
        box,
        positive: true,
        faint: false,
        remove: without(dropBox),
      });
    }
    return marks;
  }

  function redraw() {
    parts.marks.replaceChildren();
    const size = 1 / view.zoom;
    for (const mark of listed()) drawMark(mark, size);
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

  store.listen(redraw);
  view.listen(redraw);

  return {
    /**
     * The prompt whose point or badge is within `reach` screen pixels; the nearest one.
     * @param {Point} point
     * @param {number} reach
     * @returns {Mark | undefined}
     */
    near(point, reach) {
      /** @param {Mark} mark */
      const away = ({ x, y }) => Math.hypot(x - point.x, y - point.y) * view.zoom;
      return listed()
        .filter((mark) => away(mark) <= reach)
        .sort((a, b) => away(a) - away(b))[0];
    },
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

/** @param {Box} box */
const corner = ([x, y]) => ({ x, y });
