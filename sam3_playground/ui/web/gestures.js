// Pointers to prompts: mouse, pen and touch alike.

/** @import { Box, Point } from "./types.d.ts" */
/** @import { Marks } from "./marks.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */

/** @typedef {ReturnType<typeof createGestures>} Gestures */
/**
 * What a pointer in the image asks for.
 * @typedef {object} Pointing
 * @property {(point: Point | null) => void} hover
 * @property {(point: Point, positive: boolean, reach: number) => void} click
 * @property {(box: Box, positive: boolean) => void} box
 */
/** @typedef {{ kind: "pan", x: number, y: number }} Pan */
/** @typedef {{ kind: "pinch", x: number, y: number, away: number }} Pinch */
/**
 * @typedef {object} Drawing
 * @property {"draw"} kind
 * @property {number} x
 * @property {number} y
 * @property {boolean} positive
 * @property {Point} from
 * @property {boolean} moved
 * @property {boolean} armed whether moving draws; a finger's swipe scrolls the page until it was
 *   held still
 * @property {number} reach
 */

/** Screen pixels; a shorter drag is a click. */
const LEAST_DRAG = 5;
/** Screen pixels from a prompt at which it is hit. */
const REACH = { touch: 22, other: 11 };
/** How long a finger rests before it draws. */
const HOLD_MS = 300;
/** Pixels of one turn of a wheel that counts pixels, lines or pages. */
const WHEEL = [1, 16, 400];
const MIDDLE = 1;
const RIGHT = 2;

/**
 * @param {Pick<Parts, "viewport">} parts
 * @param {Store} store
 * @param {View} view
 * @param {Marks} marks
 * @param {Pointing} pointing
 */
export function createGestures({ viewport }, store, view, marks, pointing) {
  /** @type {Map<number, Point>} */
  const pointers = new Map();
  /** @type {Pan | Pinch | Drawing | null} */
  let gesture = null;
  let space = false;
  let panning = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let holding;

  /**
   * The box between two points, cut at the image's edges.
   * @param {Point} a
   * @param {Point} b
   * @returns {Box}
   */
  function boxOf(a, b) {
    const { width, height } = view.at;
    return [
      clamp(Math.min(a.x, b.x), width),
      clamp(Math.min(a.y, b.y), height),
      clamp(Math.max(a.x, b.x), width),
      clamp(Math.max(a.y, b.y), height),
    ];
  }

  function middle() {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, away: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  function cancel() {
    clearTimeout(holding);
    gesture = null;
    marks.setDraft(null);
    viewport.classList.remove("grabbing", "armed");
  }

  /** A finger that rests draws from there on, and says so. */
  function arm() {
    if (gesture?.kind !== "draw" || gesture.moved) return;
    gesture.armed = true;
    viewport.classList.add("armed");
    navigator.vibrate?.(12);
  }

  /** @param {PointerEvent} event */
  function down(event) {
    const onButton = event.target instanceof Element && event.target.closest("button");
    if (!view.at.width || onButton) return;
    viewport.focus({ preventScroll: true });
    event.preventDefault();
    viewport.setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y } = event;
    pointers.set(event.pointerId, { x, y });
    if (pointers.size === 2) {
      cancel();
      gesture = { kind: "pinch", ...middle() };
    } else if (pointers.size > 2) {
      cancel();
    } else if (event.button === MIDDLE || space || panning) {
      gesture = { kind: "pan", x, y };
      viewport.classList.add("grabbing");
    } else {
      // The switch says what a plain click does; right button and Shift do the other.
      const positive = store.settings.positive !== (event.button === RIGHT || event.shiftKey);
      const touch = event.pointerType === "touch";
      const reach = touch ? REACH.touch : REACH.other;
      const from = view.toImage(x, y);
      gesture = { kind: "draw", x, y, positive, from, moved: false, armed: !touch, reach };
      if (touch) holding = setTimeout(arm, HOLD_MS);
    }
  }

  /** @param {PointerEvent} event */
  function move({ pointerId, pointerType, clientX: x, clientY: y }) {
    if (pointers.has(pointerId)) pointers.set(pointerId, { x, y });
    if (!gesture) {
      if (pointerType !== "touch") pointing.hover(view.toImage(x, y));
      return;
    }
    if (gesture.kind === "pan") {
      view.panBy(x - gesture.x, y - gesture.y);
      Object.assign(gesture, { x, y });
    } else if (gesture.kind === "draw") {
      gesture.moved ||= Math.hypot(x - gesture.x, y - gesture.y) >= LEAST_DRAG;
      if (gesture.moved && gesture.armed) {
        marks.setDraft({
          box: boxOf(gesture.from, view.toImage(x, y)),
          positive: gesture.positive,
        });
      }
    } else if (pointers.size === 2) {
      const now = middle();
      view.panBy(now.x - gesture.x, now.y - gesture.y);
      if (gesture.away > 0) view.zoomAt(now.x, now.y, now.away / gesture.away);
      Object.assign(gesture, now);
    }
  }

  /** @param {PointerEvent} event */
  function up({ pointerId, clientX, clientY }) {
    pointers.delete(pointerId);
    const done = gesture;
    if (!done) return;
    if (done.kind === "pinch") {
      if (pointers.size === 0) gesture = null;
      return;
    }
    cancel();
    if (done.kind !== "draw") return;
    if (!done.moved) {
      pointing.click(done.from, done.positive, done.reach);
      return;
    }
    const box = boxOf(done.from, view.toImage(clientX, clientY));
    if (done.armed && isBox(box)) pointing.box(box, done.positive);
  }

  viewport.addEventListener("pointerdown", down);
  viewport.addEventListener("pointermove", move);
  viewport.addEventListener("pointerup", up);
  viewport.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    cancel();
  });
  viewport.addEventListener("pointerleave", () => {
    if (!gesture) pointing.hover(null);
  });
  // What a finger is not doing in the image is the page's: it scrolls.
  viewport.addEventListener(
    "touchmove",
    (event) => {
      const drawing = gesture?.kind === "draw" && gesture.armed;
      if (event.cancelable && (drawing || gesture?.kind === "pan" || pointers.size > 1)) {
        event.preventDefault();
      }
    },
    { passive: false },
  );
  viewport.addEventListener("contextmenu", (event) => event.preventDefault());
  // A middle click would start the browser's own scrolling.
  viewport.addEventListener("mousedown", (event) => {
    if (event.button === MIDDLE) event.preventDefault();
  });
  viewport.addEventListener(
    "wheel",
    (event) => {
      if (!view.at.width) return;
      event.preventDefault();
      const pixels = event.deltaY * WHEEL[event.deltaMode];
      view.zoomAt(event.clientX, event.clientY, Math.exp(-pixels / (event.ctrlKey ? 120 : 480)));
    },
    { passive: false },
  );
  const showGrab = () => viewport.classList.toggle("grab", space || panning);

  return {
    cancel,
    boxOf,
    /** @param {boolean} value */
    setSpace(value) {
      space = value;
      showGrab();
    },
    /** @param {boolean} value */
    setPanning(value) {
      panning = value;
      showGrab();
    },
    get panning() {
      return panning;
    },
  };
}

/**
 * Whether a box is at least a pixel wide and high.
 * @param {Box} box
 */
export const isBox = ([x0, y0, x1, y1]) => x1 - x0 >= 1 && y1 - y0 >= 1;

/**
 * @param {number} value
 * @param {number} most
 */
const clamp = (value, most) => Math.min(most, Math.max(0, value));
