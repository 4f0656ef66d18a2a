// Wires the parts together.

/** @import { Answer, Ask, Box, Mode, Point, Props } from "./types.d.ts" */
/** @import { Status, Trigger, Watch } from "./types.d.ts" */
import { createChoices } from "./choices.js";
import { createConceptTab } from "./concept_tab.js";
import { createConversation } from "./conversation.js";
import { lookOf } from "./drawing/look.js";
import { createFound } from "./found.js";
import { createGestures } from "./gestures.js";
import { createKeys } from "./keys.js";
import { createLabels } from "./labels.js";
import { createMarks } from "./marks.js";
import { createObjectTab } from "./object_tab.js";
import { createOpenImages } from "./open_images.js";
import { createPace } from "./pace.js";
import { partsOf } from "./parts.js";
import { createProgress } from "./progress.js";
import { createResults } from "./results.js";
import { createSettings } from "./settings.js";
import { addExemplar } from "./state/concepts.js";
import { addClick, setBox } from "./state/objects.js";
import { createStore } from "./state/store.js";
import { isFormer } from "./state/weights.js";
import { createStatus } from "./status.js";
import { wasLost } from "./tab.js";
import { createTakeaway } from "./takeaway.js";
import { createView } from "./view.js";
import { createWeights } from "./weights.js";

const ZOOM_STEP = 1.4;
const CLOSED = "The weights that run have no click head: the list of weights says how to get one.";

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
  const concepts = createConceptTab(parts, setup, store, { run, say });
  const objects = createObjectTab(parts, setup, store, say);
  const gestures = createGestures(parts, store, view, marks, { hover, click, box });
  const status = createStatus(parts, setup, images, examples);
  const weights = createWeights(parts, setup, showStatus);
  const talk = createConversation(gradio, parts, store, images, progress, {
    wait: concepts.wait,
    show,
    giveUp,
    status: showStatus,
    written: works.written,
  });
  const takeaway = createTakeaway(parts, setup, say, { album, works, found });
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
    if (answer.mode === "concepts") concepts.take(answer, ask, latest);
    else objects.take(answer, ask);
    return true;
  }

  /**
   * Other weights than those that answered: the same is asked anew.
   * @param {Status} next
   */
  function showStatus(next) {
    status.show(next);
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

  /** @param {Point | null} point */
  function hover(point) {
    found.light(point && results.idAt(point));
  }

  /**
   * @param {Point} point
   * @param {boolean} positive
   * @param {number} reach
   */
  function click(point, positive, reach) {
    const near = marks.near(point, reach);
    if (near) near.remove();
    else if (view.inside(point)) clickBeside(point, positive);
  }

  /**
   * @param {Point} point where no prompt is
   * @param {boolean} positive
   */
  function clickBeside({ x, y }, positive) {
    if (store.settings.mode === "objects") {
      if (!status.clicks) {
        say(CLOSED, "error");
        return;
      }
      store.changeObjects((doc) => addClick(doc, { x, y, positive }));
      return;
    }
    const id = results.idAt({ x, y });
    if (id) found.reveal(id);
    else say("Drag a box around an example, or type words. For clicks take the tab Objects.");
  }

  /**
   * @param {Box} edges
   * @param {boolean} positive
   */
  function box(edges, positive) {
    if (store.settings.mode === "concepts") {
      // Words that were typed but not yet sent are what the box belongs to.
      if (parts.words.value.trim() && !store.concepts.concepts.length) concepts.run();
      store.changeConcepts((doc) => addExemplar(doc, { box: edges, positive }, store.giveId));
    } else if (!status.clicks) {
      say(CLOSED, "error");
    } else if (positive) {
      store.changeObjects((doc) => setBox(doc, edges));
    } else {
      say("A box always includes here: exclude with − points.", "error");
    }
  }

  /** @param {Mode} mode */
  function setMode(mode) {
    if (mode === store.settings.mode) return;
    store.settings.mode = mode;
    gestures.cancel();
    results.clear();
    found.clear();
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
    help: () => parts.help.showModal(),
    ...takeaway.commands,
    weights: weights.open,
    cancelWeights: weights.cancel,
  };
  choices.listen((name) => commands[name]());
  createKeys(parts, store, view, marks, gestures, {
    hover,
    click,
    box,
    say,
    command: (name) => commands[name](),
  });
  createSettings(element, parts, store);

  open.listen((image, { example, kept, former }) => {
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
    if (kept && image?.state) store.restore(image.state);
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
