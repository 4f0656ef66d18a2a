// What the user has asked for, with undo. Each tab has a history of its own; the other
// choices (thresholds, style, what is hidden) are not undone.

/** @import { Docs, Mode, Settings, Setup, Snapshot } from "../types.d.ts" */
import { clone, createHistory } from "./history.js";
import { newObject } from "./objects.js";

/** @typedef {ReturnType<typeof createStore>} Store */

/** @type {{ [M in Mode]: (words?: string) => Docs[M] }} */
const fresh = {
  concepts: (words = "") => ({ words, concepts: [], active: 0 }),
  objects: () => ({ objects: [newObject()], active: 0 }),
};

/** @param {Pick<Setup, "score_threshold" | "iou_threshold" | "opacity">} setup */
export function createStore(setup) {
  const histories = {
    concepts: createHistory(fresh.concepts()),
    objects: createHistory(fresh.objects()),
  };
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {Settings} */
  const settings = {
    mode: "concepts",
    positive: true,
    score_threshold: setup.score_threshold,
    iou_threshold: setup.iou_threshold,
    cleanup: { fill_holes: 0, min_area: 0, simplify: 0 },
    style: {
      colour_by: "concept",
      opacity: setup.opacity,
      masks: true,
      outlines: true,
      boxes: false,
      labels: true,
    },
    hidden: { concepts: [], objects: [] },
  };
  const open = () => histories[settings.mode];
  const tell = () => {
    for (const listener of listeners) listener();
  };

  return {
    /** To be written to, followed by `tell`. */
    settings,
    /** The prompts of the tab of words and example boxes. */
    get concepts() {
      return histories.concepts.now;
    },
    /** The prompts of the tab of clicks. */
    get objects() {
      return histories.objects.now;
    },
    /** Whether the open tab has something to undo. */
    get canUndo() {
      return open().canUndo;
    },
    get canRedo() {
      return open().canRedo;
    },
    /** @param {() => void} listener */
    listen(listener) {
      listeners.push(listener);
    },
    tell,
    /** @param {(doc: Docs["concepts"]) => void} edit */
    changeConcepts(edit, { undoable = true } = {}) {
      if (histories.concepts.change(edit, undoable)) tell();
    },
    /** @param {(doc: Docs["objects"]) => void} edit */
    changeObjects(edit, { undoable = true } = {}) {
      if (histories.objects.change(edit, undoable)) tell();
    },
    undo() {
      if (open().undo()) tell();
    },
    redo() {
      if (open().redo()) tell();
    },
    /** Remove all prompts of the open tab; undo brings them back. */
    clear() {
      if (settings.mode === "concepts") {
        this.changeConcepts((doc) => Object.assign(doc, fresh.concepts()));
      } else {
        this.changeObjects((doc) => Object.assign(doc, fresh.objects()));
      }
    },
    /**
     * All that is worth keeping over a reload, and back again.
     * @returns {Snapshot}
     */
    snapshot: () =>
      clone({ settings, concepts: histories.concepts.now, objects: histories.objects.now }),
    /** @param {Snapshot} kept */
    restore(kept) {
      Object.assign(settings, kept.settings);
      histories.concepts.restart(kept.concepts);
      histories.objects.restart(kept.objects);
      tell();
    },
    /** Another image: nothing of the former one's prompts stays, not even for undo. */
    reset() {
      // Words are no prompt of one image: they stay in their field, without a result.
      histories.concepts.restart(fresh.concepts(histories.concepts.now.words));
      histories.objects.restart(fresh.objects());
      settings.hidden = { concepts: [], objects: [] };
      tell();
    },
  };
}
