// The line that says which weights run, what suits them, and the hint beside a photograph.

/** @import { Setup, Status } from "./types.d.ts" */
/** @import { Examples } from "./examples.js" */
/** @import { Images } from "./images.js" */
/** @import { Parts } from "./parts.js" */
import { make } from "./nodes.js";
import { line } from "./state/weights.js";

/** @typedef {ReturnType<typeof createStatus>} StatusLine */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Images} images
 * @param {Examples} examples
 */
export function createStatus(parts, setup, images, examples) {
  /** @type {boolean | null} */
  let shownFor = null;
  /** @type {Status | null} */
  let current = null;
  parts.weightsWords.replaceChildren(
    ...Object.entries(setup.words).flatMap(([kind, words]) => [
      make("dt", {}, kind),
      make("dd", {}, words.join(", ")),
    ]),
  );

  /** The bundled weights were trained on drawn scenes: on anything else they mislead. */
  function hint() {
    parts.hint.hidden = !(current?.bundled && images.current && !images.isDrawn);
  }

  return {
    /** Whether clicks and boxes on one object are answered, as far as is known. */
    get clicks() {
      return current?.clicks ?? true;
    },
    /** @param {Status} status */
    show(status) {
      current = status;
      const { state, message, note, bundled, clicks } = status;
      parts.status.dataset.state = state;
      parts.statusLine.textContent = line(status);
      parts.weightsRun.textContent = message;
      parts.statusNote.textContent = note.replaceAll("`", ""); // marks of code, on a console
      parts.weightsKnow.hidden = !bundled;
      parts.closed.hidden = clicks;
      // Until it is known which weights run: what all of them can do something with.
      const drawnOnly = bundled || state === "loading";
      if (shownFor !== drawnOnly) examples.show(drawnOnly);
      shownFor = drawnOnly;
      if (!bundled) hint();
    },
    hint,
  };
}
