// The line that says which weights run, and the examples that suit them.

/** @import { Status } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */

const BEGINNINGS = { loading: "Loading: ", failed: "No weights: ", ready: "" };

/**
 * @param {Parts} parts
 * @param {(bundled: boolean) => void} showGallery
 * @returns {(status: Status) => void}
 */
export function createStatus(parts, showGallery) {
  /** @type {boolean | null} */
  let shownFor = null;

  return ({ state, message, note, bundled, fallback }) => {
    parts.status.dataset.state = state;
    parts.statusLine.textContent = BEGINNINGS[state] + message + moreOf(note, bundled, fallback);
    parts.statusNote.textContent = note || "Nothing more to say about the weights.";
    parts.status.classList.toggle("noted", Boolean(note));
    if (shownFor !== bundled) showGallery(bundled);
    shownFor = bundled;
  };
}

/**
 * @param {string} note
 * @param {boolean} bundled
 * @param {boolean} fallback
 */
function moreOf(note, bundled, fallback) {
  if (fallback) return " · the weights asked for failed";
  return bundled && note ? " · how to get the real weights" : "";
}
