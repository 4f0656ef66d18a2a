// The page's whole state as Python is asked it.

/** @import { Ask } from "../types.d.ts" */
/** @import { Store } from "./store.js" */
import { stepOf } from "./objects.js";

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
