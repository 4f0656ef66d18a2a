// What the user has asked for, with undo. Each tab has a history of its own; the other
// choices (thresholds, style, what is hidden) are not undone.

/** @import { Docs, Hidden, Settings, Setup, Snapshot } from "../types.d.ts" */
import { shareWords } from "./concepts.js";
import { isOfConcept } from "./corrections.js";
import { allPrompts, conceptPrompts, hiddenIds, objectPrompts, pruned, toggled } from "./hidden.js";
import { clone, createHistory } from "./history.js";
import { createIds } from "./ids.js";
import { newObject } from "./objects.js";
import { VERSION } from "./snapshot.js";

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {Pick<Setup, "score_threshold" | "nms" | "opacity" | "max_concepts">} setup */
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
  /** @type {((soon: boolean) => void)[]} */
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
      view: "overlay",
    },
    hidden: { concepts: [], objects: [] },
  };
  /** What is mended of a concept's instances belongs to the concepts, in whichever tab. */
  const open = () =>
    histories.concepts.now.mending === null ? histories[settings.mode] : histories.concepts;
  /** @param {boolean} [soon] whether more of the same may follow: a slider moves on */
  const tell = (soon = false) => {
    for (const listener of listeners) listener(soon);
  };

  /** What can no longer come back need not be remembered. */
  function pruneHidden() {
    const { hidden } = settings;
    hidden.concepts = pruned(hidden.concepts, histories.concepts.all.map(conceptPrompts));
    hidden.objects = pruned(hidden.objects, histories.objects.all.map(objectPrompts));
  }

  /** @returns {Snapshot} */
  const snapshot = () =>
    clone({
      version: VERSION,
      next: ids.next,
      settings,
      concepts: histories.concepts.now,
      objects: histories.objects.now,
      undo: { concepts: histories.concepts.past, objects: histories.objects.past },
      redo: { concepts: histories.concepts.future, objects: histories.objects.future },
    });

  /** @param {Snapshot} kept */
  function load(kept) {
    const { next, settings: chosen, concepts, objects, undo, redo } = clone(kept);
    ids.startAt(next);
    // What was kept before there were views has none.
    Object.assign(settings, chosen, { style: { ...settings.style, ...chosen.style } });
    histories.concepts.restart(concepts, undo.concepts, redo.concepts);
    histories.objects.restart(objects, undo.objects, redo.objects);
  }

  /** An image that was never open. Words are no prompt of one image: they stay in their field. */
  function begin() {
    histories.concepts.restart(noConcepts(histories.concepts.now.words));
    histories.objects.restart(noObjects());
  }

  /** @param {Snapshot} other whose words, and what goes with them, hold for this image too */
  function share({ settings: chosen, concepts }) {
    const { mode, score_threshold, nms, cleanup } = chosen;
    Object.assign(settings, { mode, score_threshold, nms, cleanup });
    const options = { most: setup.max_concepts, giveId: ids.give };
    const undoable = histories.concepts.now.concepts.length > 0;
    histories.concepts.change((doc) => shareWords(doc, concepts, options), undoable);
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
    /** Whether the weights answer clicks; to be written to. */
    clicks: true,
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
    /** @param {(soon: boolean) => void} listener */
    listen(listener) {
      listeners.push(listener);
    },
    tell,
    /** An id that nothing on the page ever had. */
    giveId: ids.give,
    /** All that is hidden, there or not. */
    get hidden() {
      return [...settings.hidden.concepts, ...settings.hidden.objects];
    },
    /** The instances that are there and hidden. */
    get hiddenIds() {
      const { concepts } = histories.concepts.now;
      const { objects } = histories.objects.now;
      return hiddenIds(this.hidden, allPrompts({ concepts, objects }));
    },
    /**
     * Hide an instance, or show it again.
     * @param {Hidden} instance
     */
    toggleHidden(instance) {
      const { hidden } = settings;
      const of = isOfConcept(instance.id) ? "concepts" : "objects";
      hidden[of] = toggled(hidden[of], instance);
      tell(true);
    },
    /** @param {(doc: Docs["concepts"]) => void} edit */
    changeConcepts(edit, { undoable = true } = {}) {
      changed(histories.concepts.change(edit, undoable));
    },
    /** @param {(doc: Docs["objects"]) => void} edit */
    changeObjects(edit, { undoable = true } = {}) {
      changed(histories.objects.change(edit, undoable));
    },
    /**
     * Clicks are for an object from now on, and for no instance.
     * @param {number | null} id null leaves the one that is active
     */
    workOn(id) {
      const place = histories.objects.now.objects.findIndex((object) => object.id === id);
      const ended = histories.concepts.change((doc) => {
        doc.mending = null;
      }, false);
      const other = histories.objects.change((doc) => {
        if (place >= 0) doc.active = place;
      }, false);
      changed(ended || other);
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
    /** All that is asked of an image, to be kept and brought back. */
    snapshot,
    /** @param {Snapshot} kept */
    restore(kept) {
      load(kept);
      tell();
    },
    /**
     * What came from elsewhere, in the place of what is asked of the image; undo leads back.
     * @param {Snapshot} other whose ids are this page's
     */
    take({ settings: chosen, concepts, objects }) {
      const { hidden, ...others } = clone(chosen);
      Object.assign(settings, others);
      settings.hidden.concepts.push(...hidden.concepts);
      settings.hidden.objects.push(...hidden.objects);
      histories.concepts.change((doc) => Object.assign(doc, concepts), true);
      histories.objects.change((doc) => Object.assign(doc, objects), true);
      changed(true);
    },
    /**
     * Another image, as it was left: nothing of the former one's prompts stays, not even for undo.
     * How results are drawn stays; where words are shared, they do too.
     * @param {Snapshot | null} state null where it was never open
     * @param {boolean} shared
     */
    enter(state, shared) {
      const from = snapshot();
      if (state) load(state);
      else begin();
      const { positive, style } = from.settings;
      Object.assign(settings, { positive, style });
      if (shared) share(from);
      pruneHidden();
      tell();
    },
  };
}
