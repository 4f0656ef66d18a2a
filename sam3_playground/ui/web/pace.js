// When the server is asked: at once or, where the page shows by itself what a hand does, when
// that hand rests.

/** @import { Parts } from "./parts.js" */

const REST_MS = 250;
/** A pointer that holds a slider still may move on. */
const HELD_MS = 700;

/**
 * @param {Pick<Parts, "bench" | "score" | "iou" | "opacity">} parts
 * @param {() => void} send
 */
export function createPace({ bench, score, iou, opacity }, send) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = false;

  function now() {
    clearTimeout(timer);
    timer = undefined;
    delete bench.dataset.due;
    send();
  }

  function hold() {
    held = true;
  }

  function letGo() {
    if (held && timer !== undefined) now();
    held = false;
  }

  for (const slider of [score, iou, opacity]) slider.addEventListener("pointerdown", hold);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, letGo, { capture: true });
  }

  return {
    now,
    /** `data-due` says that the server has still to be asked. */
    soon() {
      clearTimeout(timer);
      bench.dataset.due = "";
      timer = setTimeout(now, held ? HELD_MS : REST_MS);
    },
  };
}
