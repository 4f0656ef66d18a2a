// What the user has asked for, with undo. Each tab has a history of its own; the other
// choices (thresholds, style, what is hidden) are not undone.

/** @import { Docs, Hidden, Settings, Setup, Snapshot } from "../types.d.ts" */
import { conceptPrompts, hiddenIds, objectPrompts, pruned, toggled } from "./hidden.js";
import { clone, createHistory } from "./history.js";
import { createIds } from "./ids.js";
import { newObject } from "./objects.js";
import { VERSION } from "./snapshot.js";

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {Pick<Setup, "score_threshold" | "nms" | "opacity">} setup */
export function createStore(setup) {
  const ids = createIds();
  /** @returns {Docs["concepts"]} */
  const noConcepts = (words = "") => ({ words, concepts: [], active: 0, mending: null });
  /** @returns {Docs["objects"]} */
  const noObjects = () => ({ objects: [newObject(ids.give)], active: 0 });
  const histories = {
    concepts: createHistory(noConcepts()),
    objects: createHistory(noObjects()),
  };
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {Settings} */
  const settings = {
    mode: "concepts",
    positive: true,
    score_threshold: setup.score_threshold,
    nms: { ...setup.nms },
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
  const prompts = () =>
    settings.mode === "concepts"
      ? conceptPrompts(histories.concepts.now)
      : objectPrompts(histories.objects.now);
  const tell = () => {
    for (const listener of listeners) listener();
  };

  /** What can no longer come back need not be remembered. */
  function pruneHidden() {
    const { hidden } = settings;
    hidden.concepts = pruned(hidden.concepts, histories.concepts.all.map(conceptPrompts));
    hidden.objects = pruned(hidden.objects, histories.objects.all.map(objectPrompts));
  }

  /** @param {boolean} different */
  function changed(different) {
    if (!different) return;
    pruneHidden();
    tell();
  }

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
    /** An id that nothing on the page ever had. */
    giveId: ids.give,
    /** The instances of the open tab that are there and hidden. */
    get hiddenIds() {
      return hiddenIds(settings.hidden[settings.mode], prompts());
    },
    /**
     * Hide an instance, or show it again.
     * @param {Hidden} instance
     */
    toggleHidden(instance) {
      const { hidden, mode } = settings;
      hidden[mode] = toggled(hidden[mode], instance);
      tell();
    },
    /** @param {(doc: Docs["concepts"]) => void} edit */
    changeConcepts(edit, { undoable = true } = {}) {
      changed(histories.concepts.change(edit, undoable));
    },
    /** @param {(doc: Docs["objects"]) => void} edit */
    changeObjects(edit, { undoable = true } = {}) {
      changed(histories.objects.change(edit, undoable));
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
        this.changeConcepts((doc) => Object.assign(doc, noConcepts()));
      } else {
        this.changeObjects((doc) => Object.assign(doc, noObjects()));
      }
    },
    /**
     * All that is worth keeping over a reload, and back again.
     * @returns {Snapshot}
     */
    snapshot: () =>
      clone({
        version: VERSION,
        next: ids.next,
        settings,
        concepts: histories.concepts.now,
        objects: histories.objects.now,
      }),
    /** @param {Snapshot} kept */
    restore(kept) {
      ids.startAt(kept.next);
      Object.assign(settings, kept.settings);
      histories.concepts.restart(kept.concepts);
      histories.objects.restart(kept.objects);
      tell();
    },
    /** Another image: nothing of the former one's prompts stays, not even for undo. */
    reset() {
      // Words are no prompt of one image: they stay in their field, without a result.
      histories.concepts.restart(noConcepts(histories.concepts.now.words));
      histories.objects.restart(noObjects());
      pruneHidden();
      tell();
    },
  };
}
