// The tab of clicks: objects with names, and the masks to choose from.

/** @import { Candidate, ObjectDoc, PageObject, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";
import { addObject, removeBox, removeClick, removeObject } from "./state/objects.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 */
export function createObjectTab(parts, setup, store) {
  /**
   * @param {string} text
   * @param {boolean} positive
   * @param {(doc: ObjectDoc) => void} remove
   */
  function chip(text, positive, remove) {
    const attributes = { type: "button", title: "Remove this prompt" };
    const kind = positive ? "plus" : "minus";
    const node = make("button", { ...attributes, class: `chip ${kind}` }, text);
    node.onclick = (event) => {
      event.stopPropagation();
      store.changeObjects(remove);
    };
    return node;
  }

  /**
   * @param {PageObject} object
   * @param {number} place
   * @param {boolean} active
   */
  function item(object, place, active) {
    const node = make("li", { class: active ? "active" : "" });
    node.style.setProperty("--colour", setup.colours[place % setup.colours.length]);
    const name = make("input", {
      type: "text",
      maxlength: "80",
      placeholder: `object ${place + 1}`,
      "aria-label": `Name of object ${place + 1}`,
    });
    name.value = object.name;
    name.onchange = () =>
      store.changeObjects((doc) => {
        doc.objects[place].name = name.value;
      });
    const remove = make(
      "button",
      { type: "button", class: "remove", "aria-label": `Remove object ${place + 1}` },
      "×",
    );
    remove.onclick = (event) => {
      event.stopPropagation();
      store.changeObjects((doc) => removeObject(doc, place));
    };
    const line = make("div", { class: "line" });
    line.append(make("i", { class: "dot" }), name, remove);
    const extras = make("div", { class: "extras" });
    if (object.box) extras.append(chip("+ box", true, (doc) => removeBox(doc, place)));
    extras.append(
      ...object.points.map(({ positive }, index) =>
        chip(positive ? "+ point" : "− point", positive, (doc) => removeClick(doc, place, index)),
      ),
    );
    node.append(line, extras);
    node.onclick = () =>
      store.changeObjects(
        (doc) => {
          doc.active = place;
        },
        { undoable: false },
      );
    return node;
  }

  function draw() {
    if (store.settings.mode !== "objects") return;
    const { objects, active } = store.objects;
    const focus = document.activeElement;
    const typing = parts.objects.contains(focus) && focus instanceof HTMLInputElement;
    if (typing && parts.objects.children.length === objects.length) return;
    parts.objects.replaceChildren(
      ...objects.map((one, place) => item(one, place, place === active)),
    );
  }

  /** @param {number} index */
  function choose(index) {
    store.changeObjects((doc) => {
      doc.objects[doc.active].choice = index;
    });
  }

  store.listen(draw);

  return {
    /** @param {Candidate[]} candidates of the active object */
    setCandidates(candidates) {
      const { objects, active } = store.objects;
      const buttons = candidates.map(({ score, thumbnail }, index) => {
        const button = make("button", {
          type: "button",
          "aria-pressed": String(index === objects[active].choice),
          title: `Mask ${index + 1}, predicted IoU ${score.toFixed(3)}`,
        });
        button.append(
          make("img", { src: thumbnail, alt: `Mask ${index + 1}` }),
          make("span", {}, score.toFixed(2)),
        );
        button.onclick = () => choose(index);
        return button;
      });
      parts.candidates.replaceChildren(...buttons);
      if (!buttons.length) {
        parts.candidates.append(make("p", { class: "tip" }, "They come with the first click."));
      }
    },
    /** Choose the next candidate. */
    cycle() {
      const count = parts.candidates.querySelectorAll("button").length;
      const { objects, active } = store.objects;
      if (count) choose((objects[active].choice + 1) % count);
    },
    newObject() {
      store.changeObjects((doc) => addObject(doc, setup.max_objects));
    },
  };
}
