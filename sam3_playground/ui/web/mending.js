// What can be done to an instance that was found: mend it by clicks, remove it, merge it with
// another one, add one that is missing.

/** @import { Box, Click, Say } from "./types.d.ts" */
/** @import { Found } from "./found.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";
import {
  beginStep,
  canRefine,
  conceptOf,
  correctionOf,
  isOfConcept,
  mergeInstances,
  newInstance,
  removeInstance,
  resetInstance,
} from "./state/corrections.js";
import { addPoint, putBox, removeObject } from "./state/objects.js";

/** @typedef {ReturnType<typeof createMending>} Mending */

const MERGED = "This was merged: undo that to mend its parts, or remove it.";

/**
 * @param {Pick<Parts, "mendTools">} parts
 * @param {Store} store
 * @param {Found} found
 * @param {{ say: Say, toObjects: () => void, toConcepts: () => void }} page
 */
export function createMending({ mendTools }, store, found, { say, toObjects, toConcepts }) {
  /**
   * The instance that the next one is merged with.
   * @type {string | null}
   */
  let merging = null;

  /** @param {string | null} id */
  function choose(id) {
    store.changeConcepts(
      (doc) => {
        doc.mending = id;
      },
      { undoable: false },
    );
  }

  /** @param {string | null} id of the instance to mend by clicks */
  function mend(id) {
    if (!id) {
      say("Click on a found instance first: that one is mended.", "error");
      return;
    }
    if (!isOfConcept(id)) {
      toObjects();
      store.workOn(Number(id));
      say(`Clicks are for ${found.nameOf(id)} now.`);
      return;
    }
    if (!canRefine(store.concepts, id)) {
      say(MERGED, "error");
      return;
    }
    toObjects();
    choose(id);
    say(`Mending ${found.nameOf(id)}: click what is missing, − click what is too much.`);
  }

  /** @param {string | null} id */
  function remove(id) {
    if (!id) return false;
    const name = found.nameOf(id);
    if (!isOfConcept(id)) {
      store.changeObjects((doc) => removeObject(doc, Number(id), store.giveId));
      say(`${name} removed. Undo in the tab Objects brings it back.`);
      return true;
    }
    store.changeConcepts((doc) => removeInstance(doc, id, found.at(id)));
    say(`${name} removed: it stays away in later runs. Undo brings it back.`);
    return true;
  }

  /** @param {string | null} id */
  function startMerge(id) {
    if (!(id && isOfConcept(id))) return;
    merging = id;
    say(`Click on the instance that belongs to ${found.nameOf(id)}.`);
    draw();
  }

  /**
   * Whether a click was for a merge.
   * @param {string | null} id of the instance that was clicked
   */
  function merge(id) {
    const first = merging;
    if (first === null) return false;
    merging = null;
    if (!id || id === first || conceptOf(id) !== conceptOf(first) || !isOfConcept(id)) {
      say("Only two instances of one concept can be merged.", "error");
    } else {
      store.changeConcepts((doc) => mergeInstances(doc, first, id, found.at));
      say("Merged into one. Undo parts them.");
    }
    draw();
    return true;
  }

  /** @param {number} concept the id of the one that misses an instance */
  function add(concept) {
    toObjects();
    choose(newInstance(concept, store.giveId));
    say("Click on the object that is missing, or drag a box around it.");
  }

  /** @param {string | null} id */
  function reset(id) {
    if (id) store.changeConcepts((doc) => resetInstance(doc, id));
  }

  /** @param {(step: import("./types.d.ts").Step) => void} change */
  function refine(change) {
    const id = store.concepts.mending;
    if (id === null) return;
    store.changeConcepts((doc) => {
      const step = beginStep(doc, id, found.at(id));
      if (step) change(step);
    });
  }

  /** What can be done to the instance that is marked. */
  function draw() {
    if (merging !== null && !found.ids.includes(merging)) merging = null; // it is of another image
    // The line is always there with something to mend: what is below it stays where it is.
    mendTools.hidden = found.ids.length === 0;
    const id = found.pinned;
    if (!id) {
      mendTools.replaceChildren(make("span", {}, "Click on one to mend or remove it."));
      return;
    }
    const mended = correctionOf(store.concepts, id) !== undefined;
    /** @type {[string, string, () => void][]} */
    const tools = [
      ["Mend", "Mend its mask by clicks (M)", () => mend(id)],
      ["Remove", "Take it away, in later runs too (Delete)", () => remove(id)],
    ];
    if (isOfConcept(id)) {
      const title = "Make one of this and another instance of its concept";
      tools.push(["Merge", title, () => startMerge(id)]);
    }
    if (mended) tools.push(["Reset", "As it was found", () => reset(id)]);
    const buttons = tools.map(([text, title, act]) => {
      const node = make("button", { type: "button", title }, text);
      node.onclick = act;
      return node;
    });
    mendTools.replaceChildren(make("b", {}, found.nameOf(id)), ...buttons);
  }

  store.listen(draw);
  found.listen(draw);

  return {
    merge,
    add,
    choose,
    remove,
    /** Clicks are for objects again. */
    done() {
      choose(null);
      toConcepts();
    },
    /** @param {Click} click */
    click: (click) => refine((step) => addPoint(step, click)),
    /** @param {Box} box */
    box: (box) => refine((step) => putBox(step, box)),
    commands: {
      mend: () => mend(found.pinned),
    },
  };
}
