// What the user has asked for, with undo. Each tab has a history of its own; the other
// choices (thresholds, style, what is hidden) are not undone.

function createStore(setup) {
  const clone = (value) => JSON.parse(JSON.stringify(value));
  const newObject = () => ({ name: "", points: [], box: null, choice: 0, base: null });
  const fresh = {
    concepts: () => ({ words: "", concepts: [], active: 0 }),
    objects: () => ({ objects: [newObject()], active: 0 }),
  };
  const start = (mode) => ({ now: fresh[mode](), past: [], future: [] });
  const histories = { concepts: start("concepts"), objects: start("objects") };
  const listeners = [];
  const settings = {
    mode: "concepts",
    positive: true,
    score_threshold: setup.score_threshold,
    iou_threshold: setup.iou_threshold,
    cleanup: { fill_holes: 0, min_area: 0, simplify: 0 },
    style: {
      colour_by: "concept", opacity: setup.opacity,
      masks: true, outlines: true, boxes: false, labels: true,
    },
    hidden: { concepts: [], objects: [] },
  };
  const history = () => histories[settings.mode];
  const tell = () => listeners.forEach((listener) => listener());

  return {
    settings,
    newObject,
    // The open tab's prompts; not to be written to, use `change`.
    get now() { return history().now; },
    of: (mode) => histories[mode].now,
    get canUndo() { return history().past.length > 0; },
    get canRedo() { return history().future.length > 0; },
    listen(listener) { listeners.push(listener); },
    tell,
    change(edit, { undoable = true } = {}) {
      const before = clone(history().now);
      edit(history().now);
      if (JSON.stringify(before) === JSON.stringify(history().now)) return;
      if (undoable) {
        history().past.push(before);
        history().future = [];
      }
      tell();
    },
    undo() { step("past", "future"); },
    redo() { step("future", "past"); },
    // Remove all prompts of the open tab; undo brings them back.
    clear() {
      this.change((now) => Object.assign(now, fresh[settings.mode]()));
    },
    // All that is worth keeping over a reload, and back again.
    snapshot: () => clone({ settings, concepts: histories.concepts.now, objects: histories.objects.now }),
    restore(kept) {
      Object.assign(settings, kept.settings);
      for (const mode of ["concepts", "objects"]) histories[mode] = { now: kept[mode], past: [], future: [] };
      tell();
    },
    // Another image: nothing of the former one's prompts stays, not even for undo.
    reset() {
      for (const mode of ["concepts", "objects"]) {
        const words = histories[mode].now.words;
        histories[mode] = start(mode);
        if (words) histories[mode].now = wordsOnly(words);
      }
      settings.hidden = { concepts: [], objects: [] };
      tell();
    },
  };

  function step(from, to) {
    const entry = history()[from].pop();
    if (!entry) return;
    history()[to].push(clone(history().now));
    history().now = entry;
    tell();
  }

  // Words are no prompt of one image: they stay in their field, without a result.
  function wordsOnly(words) {
    return { words, concepts: [], active: 0 };
  }
}
