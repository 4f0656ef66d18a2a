// Before and after: a line over the image, left of which nothing is drawn over it.

/** @import { Parts } from "./parts.js" */
/** @import { View } from "./view.js" */

/** Percent of the width by which an arrow moves the line; with Shift, ten times as far. */
const STEP = 1;

/**
 * @param {Pick<Parts, "viewport" | "stage" | "labels" | "wipe" | "compare">} parts
 * @param {View} view
 */
export function createWipe({ viewport, stage, labels, wipe, compare }, view) {
  /** Percent of the width of what one looks at, however near. */
  let share = 50;

  function place() {
    const x = (share / 100) * viewport.clientWidth;
    const { at } = view;
    const left = Math.max(0, (x - at.x) / at.scale);
    wipe.style.left = `${share}%`;
    wipe.setAttribute("aria-valuenow", String(Math.round(share)));
    stage.style.setProperty("--before", wipe.hidden ? "0px" : `${left}px`);
    labels.style.setProperty("--before", wipe.hidden ? "0px" : `${x}px`);
  }

  /** @param {number} value */
  function moveTo(value) {
    share = Math.min(100, Math.max(0, value));
    place();
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    event.stopPropagation();
    if (!wipe.hasPointerCapture(event.pointerId)) return;
    const box = viewport.getBoundingClientRect();
    moveTo(((event.clientX - box.left) / box.width) * 100);
  }

  wipe.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    wipe.setPointerCapture(event.pointerId);
  });
  wipe.addEventListener("pointermove", follow);
  wipe.addEventListener("keydown", (event) => {
    const step = STEP * (event.shiftKey ? 10 : 1);
    /** @type {Record<string, number>} */
    const to = {
      ArrowLeft: share - step,
      ArrowDown: share - step,
      ArrowRight: share + step,
      ArrowUp: share + step,
      Home: 0,
      End: 100,
    };
    if (!(event.key in to)) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(to[event.key]);
  });
  view.listen(place);

  return {
    commands: {
      compare() {
        wipe.hidden = !wipe.hidden;
        compare.setAttribute("aria-pressed", String(!wipe.hidden));
        place();
      },
    },
  };
}
