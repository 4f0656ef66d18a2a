// Wires the parts together.

/** @import { Answer, Ask, Mode, Props } from "./types.d.ts" */
/** @import { Status, Trigger, Watch } from "./types.d.ts" */
import { createChanged } from "./changed.js";
import { createChoices } from "./choices.js";
import { createConceptTab } from "./concept_tab.js";
import { createConversation } from "./conversation.js";
import { lookOf } from "./drawing/look.js";
import { createFound } from "./found.js";
import { createGestures } from "./gestures.js";
import { createKeys } from "./keys.js";
import { createLabels } from "./labels.js";
import { createMarks } from "./marks.js";
import { createMending } from "./mending.js";
import { createObjectTab } from "./object_tab.js";
import { createOpenImages } from "./open_images.js";
import { createPace } from "./pace.js";
import { partsOf } from "./parts.js";
import { CLOSED, createPointing } from "./pointing.js";
import { createProgress } from "./progress.js";
import { createResults } from "./results.js";
import { createSettings } from "./settings.js";
import { isOfConcept } from "./state/corrections.js";
import { addClick } from "./state/objects.js";
import { createStore } from "./state/store.js";
import { isFormer } from "./state/weights.js";
import { createStatus } from "./status.js";
import { wasLost } from "./tab.js";
import { createTakeaway } from "./takeaway.js";
import { createView } from "./view.js";
import { createWeights } from "./weights.js";
import { createWipe } from "./wipe.js";

const ZOOM_STEP = 1.4;

/**
 * Bring the canvas to life.
 * @param {{ element: HTMLElement, props: Props, trigger: Trigger, watch: Watch }} gradio
 */
export function start(gradio) {
  const { element, props } = gradio;
  const { setup } = props;
  const parts = partsOf(element);
  const store = createStore(setup);
  const view = createView(parts);
  const marks = createMarks(parts, store, view);
  const results = createResults(parts, setup, view);
  const progress = createProgress(parts, results);
  const { say } = progress;
  const { album, images, works, examples, ...open } = createOpenImages(
    parts,
    setup,
    view,
    store,
    say,
  );
  const found = createFound(parts, setup, store, results);
  createLabels(parts, setup, store, results, view);
  createChanged(parts, setup, store, results);
  const wipe = createWipe(parts, view);
  const mending = createMending(parts, store, found, {
    say,
    toObjects: () => setMode("objects"),
    toConcepts: () => setMode("concepts"),
  });
  const concepts = createConceptTab(parts, setup, store, { run, say, add: mending.add });
  const objects = createObjectTab(parts, setup, store, {
    say,
    nameOf: (id) => found.nameOf(id) || "a missing one",
  });
  const status = createStatus(parts, setup, images, examples);
  const pointing = createPointing(parts, store, view, {
    marks,
    results,
    found,
    status,
    mending,
    concepts,
    say,
  });
  const gestures = createGestures(parts, store, view, marks, pointing);
  const weights = createWeights(parts, setup, showStatus);
  const talk = createConversation(gradio, parts, store, images, progress, {
    wait: concepts.wait,
    show,
    giveUp,
    status: showStatus,
    written: works.written,
  });
  const takeaway = createTakeaway(parts, setup, say, { album, works, found, store, view });
  const pace = createPace(parts, talk.send);
  /** Whether the prompts change because another image is shown. */
  let entering = false;
  let anyShown = false;
  /** The network that was asked last of what is on the screen; empty where nothing is. */
  let askedOf = "";
  /** Whether to run as soon as the image that is on its way is open. */
  let runWhenOpen = false;
  const choices = createChoices(element, parts, store, gestures, album);

  function run() {
    talk.run();
  }

  /**
   * @param {Answer} answer
   * @param {Ask} ask
   * @param {boolean} latest
   */
  async function show(answer, ask, latest) {
    if (!(await results.show(answer, ask))) return false;
    askedOf = answer.network;
    showStatus(answer.status);
    status.hint();
    found.take(answer, ask);
    look();
    if (latest) works.count(answer);
    concepts.take(answer, ask, latest);
    if (answer.mode === "objects") objects.take(answer, ask);
    return true;
  }

  /**
   * Other weights than those that answered: the same is asked anew.
   * @param {Status} next
   */
  function showStatus(next) {
    status.show(next);
    store.clicks = next.clicks;
    if (!isFormer(next, askedOf)) return;
    askedOf = next.network;
    if (next.clicks || isConcepts()) talk.sendAgain();
    else {
      results.clear();
      found.clear();
      objects.giveUp();
      say(CLOSED, "error");
    }
  }

  /** What is shown of an answer. */
  function look() {
    const { concepts: doc, settings } = store;
    results.setLook(lookOf({ ...settings, concepts: doc.concepts, hidden: found.hidden }));
  }

  function giveUp() {
    concepts.giveUp();
    objects.giveUp();
  }

  /** @param {Mode} mode */
  function setMode(mode) {
    if (mode === store.settings.mode) return;
    store.settings.mode = mode;
    gestures.cancel();
    say("");
    store.tell();
  }

  /** @param {boolean} positive */
  function setSign(positive) {
    store.settings.positive = positive;
    choices.show();
  }

  const isConcepts = () => store.settings.mode === "concepts";
  /** @type {Record<string, () => void>} */
  const commands = {
    ...open.commands,
    runAll() {
      if (isConcepts() && parts.words.value !== store.concepts.words) concepts.run();
      open.commands.runAll();
    },
    plus: () => setSign(true),
    minus: () => setSign(false),
    redo: store.redo,
    clear: () => store.clear(),
    zoomIn: () => view.zoomBy(ZOOM_STEP),
    zoomOut: () => view.zoomBy(1 / ZOOM_STEP),
    fit: view.fit,
    pan() {
      gestures.setPanning(!gestures.panning);
      choices.show();
    },
    run() {
      runWhenOpen = images.opening;
      if (runWhenOpen) say("This runs as soon as the image is open.");
      else if (isConcepts()) concepts.run();
      else run();
    },
    newConcept: concepts.newConcept,
    newObject: objects.newObject,
    new: () => (isConcepts() ? concepts.newConcept() : objects.newObject()),
    cycle() {
      if (!isConcepts()) objects.cycle();
    },
    concepts: () => setMode("concepts"),
    objects: () => setMode("objects"),
    ...mending.commands,
    ...found.commands,
    removeObject: objects.remove,
    rename() {
      const { pinned } = found;
      if (pinned === null ? isConcepts() : isOfConcept(pinned)) {
        say("An instance is called after its concept: change that one's words.", "error");
        return;
      }
      setMode("objects");
      store.workOn(pinned === null ? null : Number(pinned));
      objects.rename();
    },
    mendDone: mending.done,
    delete() {
      if (!(isConcepts() && mending.remove(found.pinned))) marks.removeLast();
    },
    help: () => parts.help.showModal(),
    ...takeaway.commands,
    ...wipe.commands,
    weights: weights.open,
    cancelWeights: weights.cancel,
  };
  choices.listen((name) => commands[name]());
  createKeys(parts, store, view, marks, gestures, {
    ...pointing,
    say,
    command: (name) => commands[name](),
  });
  createSettings(element, parts, setup, store);

  open.listen((image, { example, handed, kept, former }) => {
    const typed = parts.words.value; // perhaps while the image was on its way
    talk.begin();
    askedOf = "";
    parts.hint.hidden = true;
    parts.timing.textContent = "";
    results.clear();
    found.clear();
    concepts.clear();
    objects.clear();
    entering = true;
    if ((kept || handed) && image?.state) store.restore(image.state);
    else store.enter(image?.state ?? null, album.shared && anyShown);
    entering = false;
    anyShown = image !== null;
    if (!image?.state) parts.words.value = typed;
    if (kept && wasLost()) {
      say(`The connection is back${former ? ", with a new version of the page" : ""}.`);
    }
    const wordless = isConcepts() && !store.concepts.concepts.length;
    if (example && wordless) concepts.setWords(example.concepts);
    else if (example?.click && !isConcepts()) {
      const [x, y] = example.click;
      store.changeObjects((doc) => addClick(doc, { x, y, positive: true }));
    }
    if (runWhenOpen && isConcepts() && !example) concepts.run();
    else talk.send();
    runWhenOpen = false;
  });
  store.listen((soon) => {
    choices.show();
    look();
    if (soon) pace.soon();
    else pace.now();
    works.saveSoon();
    if (!entering) album.settle();
  });
  album.listen(choices.show);
  view.listen(() => {
    const percent = `${Math.round(view.zoom * 100)}%`;
    parts.zoomLevel.textContent = view.at.fitted ? "Fit" : percent;
  });

  showStatus(props.status);
  store.tell();
  parts.bench.dataset.ready = "";
  open.recall();
}
