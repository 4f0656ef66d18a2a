// The page's whole state as Python is asked it.

/** @import { Ask, Concept, Setup, Snapshot } from "../types.d.ts" */
/** @import { Store } from "./store.js" */
import { saysWhich, stepOf } from "./objects.js";
import { createStore } from "./store.js";

/**
 * @param {Store} store
 * @param {{ data: string, preview: boolean }} image
 * @returns {Ask}
 */
export function askOf(store, image) {
  const { settings, concepts, objects, hiddenIds, clicks } = store;
  const words = settings.mode === "concepts";
  // What the other tab cannot ask, or not yet, is no reason for this one to fail; nor is an object
  // that is not at hand.
  const asked = words ? concepts.concepts : concepts.concepts.filter(isWhole);
  const clicked = words
    ? objects.objects.filter((one) => clicks && saysWhich(one))
    : objects.objects.filter((one, at) => at === objects.active || !stepOf(one) || saysWhich(one));
  return {
    image: image.data,
    preview: image.preview,
    mode: settings.mode,
    concepts: clicks ? asked : asked.map(withoutSteps),
    objects: clicked.map((one) => ({
      id: one.id,
      slot: one.slot,
      name: one.name,
      number: one.number,
      step: stepOf(one),
    })),
    active: words ? null : (concepts.mending ?? String(objects.objects[objects.active].id)),
    score_threshold: settings.score_threshold,
    nms: settings.nms,
    cleanup: settings.cleanup,
    style: { ...settings.style, label_scale: 1 },
    hidden: hiddenIds,
  };
}

/** @param {Concept} concept */
const isWhole = ({ text, exemplars }) => text !== null || exemplars.some((one) => one.positive);

/**
 * Weights without a click head still answer what was removed or merged.
 * @param {Concept} concept
 */
const withoutSteps = (concept) => ({
  ...concept,
  corrections: concept.corrections.filter(({ parts }) => !parts.some((part) => "points" in part)),
});

/**
 * The state that the page would have with another image on the screen.
 * @param {Setup} setup
 * @param {Snapshot} from the page as it is
 * @param {Snapshot | null} state of that image; null where it was never open
 * @param {boolean} shared whether words hold for all images
 * @param {boolean} [clicks] whether the weights answer clicks
 */
export function entered(setup, from, state, shared, clicks = true) {
  const store = createStore(setup);
  store.clicks = clicks;
  store.restore(from);
  store.enter(state, shared);
  return store;
}

/**
 * Whether anything is asked for.
 * @param {Ask} ask
 */
export const asksForSomething = ({ concepts, objects }) =>
  concepts.length > 0 || objects.some(({ step }) => step !== null);

/**
 * What images that share their words are asked alike.
 * @param {Pick<Snapshot, "settings" | "concepts">} state
 */
export function sharedPart({ settings, concepts }) {
  const { mode, score_threshold, nms, cleanup } = settings;
  const words = concepts.concepts.flatMap(({ text, threshold }) =>
    text ? [[text.toLowerCase(), threshold]] : [],
  );
  return JSON.stringify([mode, words, score_threshold, nms, cleanup]);
}
