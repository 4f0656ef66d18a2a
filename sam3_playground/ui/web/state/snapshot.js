// What is kept of the page over a reload, by the server that was back as by any other version.

/** @import { Snapshot } from "../types.d.ts" */

/** To be raised with every change of `Snapshot`: a page takes its own form only. */
export const VERSION = 2;

/**
 * What was kept, from its JSON; null where it is none, or one of another version.
 * @param {string} text
 * @returns {Snapshot | null}
 */
export function readSnapshot(text) {
  try {
    const kept = JSON.parse(text);
    return kept?.version === VERSION ? kept : null;
  } catch {
    return null;
  }
}
