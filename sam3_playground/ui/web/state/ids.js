// What concepts and objects are known by: ids that are given once, and places in the palette.

/** @import { Entity } from "../types.d.ts" */

/** @typedef {ReturnType<typeof createIds>} Ids */

export function createIds() {
  let next = 1;
  return {
    give() {
      next += 1;
      return next - 1;
    },
    /** The id to be given next. */
    get next() {
      return next;
    },
    /**
     * Give none below this one.
     * @param {number} least
     */
    startAt(least) {
      next = Math.max(next, least);
    },
  };
}

/**
 * The smallest place in the palette that none of these has.
 * @param {Pick<Entity, "slot">[]} living
 * @param {number} [first] where to begin
 */
export function freeSlot(living, first = 0) {
  const taken = new Set(living.map((one) => one.slot));
  let slot = first;
  while (taken.has(slot)) slot += 1;
  return slot;
}

/**
 * The place in the list of the one with an id; -1 where there is none.
 * @param {Pick<Entity, "id">[]} list
 * @param {number} id
 */
export const placeOf = (list, id) => list.findIndex((one) => one.id === id);
