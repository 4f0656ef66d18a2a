// The keyboard: everything that a pointer can do, and the list of it on "?".

/** @import { Point, Say } from "./types.d.ts" */
/** @import { Gestures, Pointing } from "./gestures.js" */
/** @import { Marks } from "./marks.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { isBox } from "./gestures.js";
import { make } from "./nodes.js";

const KEYS = [
  ["Drag", "Draw a box; on a touch screen hold the finger still first, a swipe scrolls the page"],
  ["Click", "Set a point (Objects); mark an instance (Concepts)"],
  ["Right button, Shift", "Exclude instead of include"],
  ["Click on a point or badge", "Remove it"],
  ["Drag a point or badge", "Move it"],
  ["Wheel, pinch", "Zoom where the pointer is"],
  ["Middle button, Space + drag, two fingers", "Move the image"],
  ["Enter", "Run"],
  ["+  -", "Include, exclude"],
  ["Ctrl+Z  Ctrl+Shift+Z  Ctrl+Y", "Undo, redo"],
  ["J  L  [  ]", "Previous, next of what was found"],
  ["M", "Mend the marked instance by clicks, or go on with the marked object"],
  ["F2", "Rename the object"],
  ["Delete", "Remove the marked instance, or the last prompt"],
  ["Esc", "Give up what is being drawn"],
  ["Arrows", "Move the cross (with Alt: the image; with Shift: pixel by pixel)"],
  ["P", "A point at the cross"],
  ["B", "A box from the cross, and again to end it"],
  ["I  O  F  H", "Zoom in, zoom out, fit, pan by dragging"],
  ["N", "New object, or a concept of boxes only"],
  ["C", "The next of the three masks"],
  ["1  2", "Concepts, Objects"],
  ["V", "Before and after: a line over the image (on it: arrows)"],
  ["S  Ctrl+S", "Save what was found"],
  ["K", "Copy as code"],
  ["U", "A link or a file with these prompts"],
  ["PgUp  PgDn  ,  .", "Previous, next image (in the row of images: arrows; Delete closes)"],
  ["?", "This list"],
];

/** Image pixels by which an arrow moves the cross, and screen pixels by which it moves the image. */
const ARROWS = new Map([
  ["arrowleft", { x: -1, y: 0 }],
  ["arrowright", { x: 1, y: 0 }],
  ["arrowup", { x: 0, y: -1 }],
  ["arrowdown", { x: 0, y: 1 }],
]);
/** Elsewhere they press a button or scroll the page. */
const IMAGE_KEYS = new Set(["enter", "pageup", "pagedown"]);
const CROSS_STEP = 12;
const PAN_STEP = 48;
const ZOOM_STEP = 1.4;
/** Screen pixels from a prompt at which the cross hits it. */
const REACH = 2;

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select";

/**
 * @param {Parts} parts
 * @param {Store} store
 * @param {View} view
 * @param {Marks} marks
 * @param {Gestures} gestures
 * @param {Pointing & { say: Say, command: (name: string) => void }} actions
 */
export function createKeys(parts, store, view, marks, gestures, actions) {
  parts.helpBody.append(make("h2", {}, "Keys and gestures"), table());

  /**
   * Of a box that is drawn by keys.
   * @type {Point | null}
   */
  let corner = null;

  const cross = () => marks.cursor ?? { x: view.at.width / 2, y: view.at.height / 2 };

  /**
   * @param {Point} way
   * @param {KeyboardEvent} event
   */
  function arrow(way, event) {
    if (event.altKey) {
      view.panBy(-PAN_STEP * way.x, -PAN_STEP * way.y);
      return;
    }
    const step = event.shiftKey ? 1 : Math.max(1, Math.round(CROSS_STEP / view.zoom));
    const from = cross();
    const to = {
      x: Math.min(view.at.width - 0.5, Math.max(0.5, from.x + way.x * step)),
      y: Math.min(view.at.height - 0.5, Math.max(0.5, from.y + way.y * step)),
    };
    marks.setCursor(to);
    if (corner) {
      marks.setDraft({ box: gestures.boxOf(corner, to), positive: store.settings.positive });
    }
    actions.hover(to);
  }

  function box() {
    const here = cross();
    if (!corner) {
      corner = here;
      marks.setCursor(here);
      actions.say("Move the cross with the arrows, then press B again.");
      return;
    }
    const drawn = gestures.boxOf(corner, here);
    corner = null;
    marks.setDraft(null);
    if (isBox(drawn)) actions.box(drawn, store.settings.positive);
  }

  function point() {
    marks.setCursor(cross());
    actions.click(cross(), store.settings.positive, REACH);
  }

  function giveUp() {
    corner = null;
    gestures.cancel();
    marks.setCursor(null);
  }

  /** @param {string} name */
  const command = (name) => () => actions.command(name);
  const plain = new Map([
    ["+", command("plus")],
    ["=", command("plus")],
    ["-", command("minus")],
    ["_", command("minus")],
    ["enter", command("run")],
    ["escape", giveUp],
    ["delete", command("delete")],
    ["backspace", command("delete")],
    ["m", command("mend")],
    ["j", command("previousFound")],
    ["[", command("previousFound")],
    ["l", command("nextFound")],
    ["]", command("nextFound")],
    ["f2", command("rename")],
    ["p", point],
    ["b", box],
    ["i", () => view.zoomBy(ZOOM_STEP)],
    ["o", () => view.zoomBy(1 / ZOOM_STEP)],
    ["f", view.fit],
    ["h", command("pan")],
    ["n", command("new")],
    ["c", command("cycle")],
    ["1", command("concepts")],
    ["2", command("objects")],
    ["v", command("compare")],
    ["s", command("save")],
    ["k", command("code")],
    ["u", command("share")],
    [",", command("previousImage")],
    [".", command("nextImage")],
    ["pageup", command("previousImage")],
    ["pagedown", command("nextImage")],
    ["?", command("help")],
  ]);

  /** @param {KeyboardEvent} event */
  function withControl(event) {
    const key = event.key.toLowerCase();
    const name = { s: "save", y: "redo", z: event.shiftKey ? "redo" : "undo" }[key];
    if (!name) return;
    event.preventDefault();
    actions.command(name);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} inImage
   */
  function alone(event, inImage) {
    const key = event.key.toLowerCase();
    const way = ARROWS.get(key);
    const action = plain.get(key);
    if (way) {
      if (!(inImage && view.at.width)) return;
      event.preventDefault();
      arrow(way, event);
    } else if (key === " ") {
      if (!inImage) return;
      event.preventDefault();
      gestures.setSpace(true);
    } else if (action && !event.altKey) {
      if (IMAGE_KEYS.has(key) && !inImage) return;
      event.preventDefault();
      action();
    }
  }

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    // A dialog has the keys to itself, wherever in it the focus is.
    if (!parts.bench.isConnected || document.querySelector("dialog[open]")) return;
    const control = event.ctrlKey || event.metaKey;
    // What is typed and undone in a field is the field's own.
    const saves = control && event.key.toLowerCase() === "s";
    if (!saves && target instanceof Element && target.closest(TYPING)) return;
    if (control) withControl(event);
    else alone(event, target === parts.viewport || target === document.body);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") gestures.setSpace(false);
  });
}

function table() {
  const node = make("table", {});
  for (const [keys, meaning] of KEYS) {
    const row = make("tr", {});
    const head = make("th", {});
    for (const key of keys.split("  ")) head.append(make("kbd", {}, key), " ");
    row.append(head, make("td", {}, meaning));
    node.append(row);
  }
  return node;
}
