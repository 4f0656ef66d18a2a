// The page's whole state as Python is asked it.

/** @import { Ask, Setup, Snapshot } from "../types.d.ts" */
/** @import { Store } from "./store.js" */
import { stepOf } from "./objects.js";
import { createStore } from "./store.js";

/**
 * @param {Store} store
 * @param {{ data: string, preview: boolean }} image
 * @returns {Ask}
 */
export function askOf(store, image) {
  const { settings, concepts, objects, hiddenIds } = store;
  const words = settings.mode === "concepts";
  const named = objects.objects.map((one) => ({
    id: one.id,
    slot: one.slot,
    name: one.name,
    step: stepOf(one),
  }));
  return {
    image: image.data,
    preview: image.preview,
    mode: settings.mode,
    concepts: words ? concepts.concepts : [],
    objects: words ? [] : named,
    active: words ? -1 : objects.active,
    score_threshold: settings.score_threshold,
    nms: settings.nms,
    cleanup: settings.cleanup,
    style: { ...settings.style, label_scale: 1 },
    hidden: hiddenIds,
  };
}

/**
 * The state that the page would have with another image on the screen.
 * @param {Setup} setup
 * @param {Snapshot} from the page as it is
 * @param {Snapshot | null} state of that image; null where it was never open
 * @param {boolean} shared whether words hold for all images
 */
export function entered(setup, from, state, shared) {
  const store = createStore(setup);
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
