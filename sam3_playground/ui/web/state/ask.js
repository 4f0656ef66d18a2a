// The page's whole state as Python is asked it.

/** @import { Ask } from "../types.d.ts" */
/** @import { Store } from "./store.js" */
import { stepOf } from "./objects.js";

/**
 * @param {Store} store
 * @param {{ data: string, preview: boolean }} image
 * @param {number} labelScale how much larger than usual letters have to be
 * @returns {Ask}
 */
export function askOf({ settings, concepts, objects }, image, labelScale) {
  const words = settings.mode === "concepts";
  return {
    image: image.data,
    preview: image.preview,
    mode: settings.mode,
    concepts: words ? concepts.concepts : [],
    objects: words ? [] : objects.objects.map((one) => ({ name: one.name, step: stepOf(one) })),
    active: words ? 0 : objects.active,
    score_threshold: settings.score_threshold,
    iou_threshold: settings.iou_threshold,
    cleanup: settings.cleanup,
    style: { ...settings.style, label_scale: labelScale },
    hidden: settings.hidden[settings.mode],
  };
}
