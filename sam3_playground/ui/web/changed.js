// What a view makes of the image, between it and what is drawn over it. It happens here at once:
// the server is asked nothing, and sends no photograph back.

import { packed } from "./drawing/paint.js";
/** @import { Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
import { paintChanged } from "./views.js";

const OPAQUE = packed("#000000", 1);

/**
 * @param {Pick<Parts, "base" | "changed">} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Results} results
 */
export function createChanged({ base, changed }, { views, changes }, store, results) {
  const mask = document.createElement("canvas");
  /** Whether the picture is due. */
  let due = false;

  function draw() {
    due = false;
    const view = views.find(({ name }) => name === store.settings.style.view);
    const { spans } = results;
    const plain = !view || view.name === "overlay" || !spans.length || !base.naturalWidth;
    changed.hidden = plain;
    if (plain) return;
    results.drawOn(mask, (pixels) => {
      for (const one of spans) {
        for (let at = 0; at < one.length; at += 2) pixels.fill(OPAQUE, one[at], one[at + 1]);
      }
    });
    Object.assign(changed, { width: mask.width, height: mask.height });
    const change = { view: view.name, ofObjects: view.of_objects, sizes: changes };
    paintChanged(changed, base, mask, change);
  }

  /** Once for each frame of the screen. */
  function soon() {
    if (due) return;
    due = true;
    requestAnimationFrame(draw);
  }

  results.listen(soon);
  base.addEventListener("load", soon);
}
