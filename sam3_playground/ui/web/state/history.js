// One document with undo.

/**
 * @template Doc
 * @typedef {ReturnType<typeof createHistory<Doc>>} History
 */

/**
 * A copy that shares nothing; documents are JSON values.
 * @template Value
 * @param {Value} value
 * @returns {Value}
 */
export const clone = (value) => JSON.parse(JSON.stringify(value));

/**
 * @template Doc
 * @param {Doc} first
 */
export function createHistory(first) {
  let now = first;
  /** @type {Doc[]} */
  let past = [];
  /** @type {Doc[]} */
  let future = [];

  /**
   * @param {Doc[]} from
   * @param {Doc[]} to
   */
  function step(from, to) {
    const entry = from.pop();
    if (entry === undefined) return false;
    to.push(now);
    now = entry;
    return true;
  }

  return {
    /** Not to be written to: use `change`. */
    get now() {
      return now;
    },
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
    /**
     * Whether the edit made a difference.
     * @param {(doc: Doc) => void} edit
     * @param {boolean} undoable
     */
    change(edit, undoable) {
      const after = clone(now);
      edit(after);
      if (JSON.stringify(after) === JSON.stringify(now)) return false;
      if (undoable) {
        past.push(now);
        future = [];
      }
      now = after;
      return true;
    },
    /** Every document that is there now or by undo and redo. */
    get all() {
      return [...past, now, ...future];
    },
    /** What undo and redo lead to, the next one last. */
    get past() {
      return past;
    },
    get future() {
      return future;
    },
    undo: () => step(past, future),
    redo: () => step(future, past),
    /**
     * Another document, with what undo and redo lead to.
     * @param {Doc} doc
     * @param {Doc[]} [before]
     * @param {Doc[]} [after]
     */
    restart(doc, before = [], after = []) {
      now = doc;
      past = [...before];
      future = [...after];
    },
  };
}
