// What is kept of an image over a reload, by this version of the page as by any other.

/** @import { Snapshot } from "../types.d.ts" */

/** To be raised with every change of `Snapshot`: a page takes its own form only. */
export const VERSION = 4;

/** The most steps of undo that are kept, and of redo. */
const STEPS = 50;
/** Letters of a kept image's JSON; one that has more is kept without its steps. */
const LETTERS = 2 ** 18;

/**
 * What was kept; null where it is none, or one of another version.
 * @param {unknown} kept
 * @returns {Snapshot | null}
 */
export function readSnapshot(kept) {
  const snapshot = /** @type {Snapshot | null | undefined} */ (kept);
  return snapshot?.version === VERSION ? snapshot : null;
}

/**
 * A state without the steps that are too many to be kept.
 * @param {Snapshot} snapshot
 * @returns {Snapshot}
 */
export function trimmed(snapshot) {
  const { undo, redo } = snapshot;
  const last = (/** @type {number} */ most) => ({
    undo: { concepts: undo.concepts.slice(-most), objects: undo.objects.slice(-most) },
    redo: { concepts: redo.concepts.slice(-most), objects: redo.objects.slice(-most) },
  });
  const kept = { ...snapshot, ...last(STEPS) };
  if (JSON.stringify(kept).length <= LETTERS) return kept;
  const none = { concepts: [], objects: [] };
  return { ...snapshot, undo: none, redo: { ...none } };
}
