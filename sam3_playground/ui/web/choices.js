// Buttons: what they do has a name, and what is chosen of it is to be seen.

/** @import { Picture } from "./album.d.ts" */
/** @import { Gestures } from "./gestures.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Store } from "./state/store.js" */
import { named } from "./parts.js";
import { createRoving } from "./roving.js";

/**
 * @param {Element} element
 * @param {Pick<Parts, "bench">} parts
 * @param {Store} store
 * @param {Gestures} gestures
 * @param {Album<Picture>} album
 */
export function createChoices(element, { bench }, store, gestures, album) {
  const tabs = named(element, "data-mode-tab", HTMLElement);
  const buttons = named(element, "data-do", HTMLElement);
  const rove = createRoving(element);

  return {
    /** @param {(name: string) => void} act */
    listen(act) {
      for (const { node, name } of [...tabs, ...buttons]) {
        node.addEventListener("click", () => act(name));
      }
    },
    /** The switches, and what can be undone. */
    show() {
      const { mode, positive } = store.settings;
      /** @type {Record<string, (node: HTMLElement) => void>} */
      const showing = {
        plus: (node) => node.setAttribute("aria-checked", String(positive)),
        minus: (node) => node.setAttribute("aria-checked", String(!positive)),
        pan: (node) => node.setAttribute("aria-pressed", String(gestures.panning)),
        undo: (node) => node.toggleAttribute("disabled", !(store.canUndo || album.fresh)),
        redo: (node) => node.toggleAttribute("disabled", !store.canRedo),
      };
      bench.dataset.mode = mode;
      bench.dataset.sign = positive ? "plus" : "minus";
      for (const { node, name } of tabs) node.setAttribute("aria-selected", String(name === mode));
      for (const { node, name } of buttons) showing[name]?.(node);
      rove();
    },
  };
}
