// Fields for choices that are not undone: thresholds, what is done to masks, how they are drawn.

/** @import { Cleanup, Nms, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";
import { named } from "./parts.js";

/** @typedef {"masks" | "outlines" | "boxes" | "labels"} Drawn */

/**
 * @param {Element} element
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 */
export function createSettings(element, parts, { views }, store) {
  const { settings } = store;
  for (const { name, words } of views) parts.view.append(make("option", { value: name }, words));
  const cleanups = named(element, "data-cleanup", HTMLInputElement);
  const drawn = named(element, "data-style", HTMLInputElement);

  /**
   * @param {() => void} edit
   * @param {boolean} soon
   */
  const changing =
    (edit, soon = false) =>
    () => {
      edit();
      store.tell(soon);
    };
  /**
   * What the page shows at once by itself, and asks for when the hand rests.
   * @param {() => void} edit
   */
  const looking = (edit) => changing(edit, true);

  parts.score.oninput = looking(() => {
    settings.score_threshold = Number(parts.score.value);
  });
  parts.nms.onchange = changing(() => {
    settings.nms.mode = /** @type {Nms["mode"]} */ (parts.nms.value);
  });
  parts.iou.oninput = looking(() => {
    settings.nms.iou = Number(parts.iou.value);
  });
  parts.opacity.oninput = looking(() => {
    settings.style.opacity = Number(parts.opacity.value);
  });
  parts.colourBy.onchange = looking(() => {
    settings.style.colour_by = parts.colourBy.value === "instance" ? "instance" : "concept";
  });
  parts.view.onchange = looking(() => {
    settings.style.view = parts.view.value;
  });
  for (const { node, name } of cleanups) {
    // Numbers of pixels; empty is off.
    node.onchange = changing(() => {
      const value = Math.min(Math.max(0, Number(node.value) || 0), Number(node.max));
      settings.cleanup[/** @type {keyof Cleanup} */ (name)] =
        node.step === "1" ? Math.round(value) : value;
    });
  }
  for (const { node, name } of drawn) {
    node.onchange = looking(() => {
      settings.style[/** @type {Drawn} */ (name)] = node.checked;
    });
  }

  store.listen(() => {
    parts.score.value = String(settings.score_threshold);
    parts.scoreOut.textContent = settings.score_threshold.toFixed(2);
    parts.nms.value = settings.nms.mode;
    parts.iou.value = String(settings.nms.iou);
    parts.iou.disabled = settings.nms.mode === "off";
    parts.iouOut.textContent = settings.nms.iou.toFixed(2);
    parts.opacity.value = String(settings.style.opacity);
    parts.opacityOut.textContent = settings.style.opacity.toFixed(2);
    parts.colourBy.value = settings.style.colour_by;
    parts.view.value = settings.style.view;
    for (const { node, name } of cleanups) {
      node.value = String(settings.cleanup[/** @type {keyof Cleanup} */ (name)] || "");
    }
    for (const { node, name } of drawn) {
      node.checked = settings.style[/** @type {Drawn} */ (name)];
    }
  });
}
