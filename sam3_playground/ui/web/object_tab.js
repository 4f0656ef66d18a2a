// The tab of clicks: what they are for, with its name and prompts, and the masks to choose from.

/** @import { Answer, Ask, Candidate, Say, Setup, Step } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { chip, make } from "./nodes.js";
import { dropEmptyStep, stepOfInstance } from "./state/corrections.js";
import {
  addObject,
  dropBox,
  dropPoint,
  labelOf,
  promptOf,
  removeObject,
  stepOf,
} from "./state/objects.js";

/** @typedef {ReturnType<typeof createObjectTab>} ObjectTab */
/**
 * The masks to choose from, and of which object with which prompt they are.
 * @typedef {{ id: string, prompt: string | null, list: Candidate[] }} Candidates
 */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {{ say: Say, nameOf: (id: string) => string }} page
 */
export function createObjectTab(parts, setup, store, { say, nameOf: mendedName }) {
  /** @type {Candidates | null} */
  let candidates = null;

  function draw() {
    if (store.settings.mode !== "objects") return;
    drawWork();
    drawCandidates();
  }

  /** Those of the active object, or how to get some. */
  function drawCandidates() {
    const { id, step } = target();
    const list = candidates?.id === id ? candidates.list : [];
    const choice = step?.choice ?? 0;
    const buttons = list.map(({ score, thumbnail }, index) => {
      const button = make("button", {
        type: "button",
        "aria-pressed": String(index === choice),
        title: `Mask ${index + 1}, predicted IoU ${score.toFixed(3)}`,
      });
      button.append(
        make("img", { src: thumbnail, alt: `Mask ${index + 1}` }),
        make("span", {}, score.toFixed(2)),
      );
      button.onclick = () => choose(index);
      return button;
    });
    const tip = make("p", { class: "tip" }, "They come with the first click.");
    parts.candidates.replaceChildren(...(buttons.length ? buttons : [tip]));
  }

  /**
   * What clicks are for: the instance that is mended, or the active object.
   * @returns {{ id: string, step: Step | null }}
   */
  function target() {
    const { mending } = store.concepts;
    if (mending !== null) {
      return { id: mending, step: stepOfInstance(store.concepts, mending) ?? null };
    }
    return { id: String(active().id), step: stepOf(active()) };
  }

  /** Whether the candidates are for what that is prompted with now. */
  function areOfNow() {
    const { id, step } = target();
    return candidates?.id === id && candidates.prompt === promptOf(step);
  }

  /** @param {number} index */
  function choose(index) {
    if (!areOfNow()) return; // others are on their way
    edit((step) => {
      step.choice = index;
    });
  }

  const active = () => store.objects.objects[store.objects.active];

  /**
   * Change the prompts of what clicks are for.
   * @param {(step: Step) => void} change
   */
  function edit(change) {
    const { mending } = store.concepts;
    if (mending === null) {
      store.changeObjects((doc) => change(doc.objects[doc.active]));
      return;
    }
    store.changeConcepts((doc) => {
      const step = stepOfInstance(doc, mending);
      if (step) change(step);
      dropEmptyStep(doc, mending);
    });
  }

  /** What clicks are for, with its prompts: the instance that is mended, or the active object. */
  function drawWork() {
    const { mending } = store.concepts;
    const { mendingName, objectName, removeObject: remove, mendDone } = parts;
    mendingName.textContent = mending === null ? "" : mendedName(mending);
    mendingName.hidden = mending === null;
    mendDone.hidden = mending === null;
    objectName.hidden = mending !== null;
    remove.hidden = mending !== null || !stepOf(active());
    const { slot, name, number } = active();
    const colour = setup.colours[slot % setup.colours.length];
    parts.mending.style.setProperty("--colour", mending === null ? colour : "var(--accent)");
    objectName.placeholder = labelOf({ name: "", number });
    objectName.setAttribute("aria-label", `Name of object ${number}`);
    if (objectName !== document.activeElement) objectName.value = name;
    parts.mendingChips.replaceChildren(...chips(target().step));
  }

  /** @param {Step | null} step */
  function chips(step) {
    const title = "Remove this prompt";
    const clicks = (step?.points ?? []).map(({ positive }, index) =>
      chip(positive ? "+ point" : "− point", positive, title, () =>
        edit((one) => dropPoint(one, index)),
      ),
    );
    if (!step?.box) return clicks;
    return [chip("+ box", true, title, () => edit(dropBox)), ...clicks];
  }

  parts.objectName.onchange = () =>
    store.changeObjects((doc) => {
      doc.objects[doc.active].name = parts.objectName.value.trim();
    });

  store.listen(draw);
  drawCandidates();

  return {
    /**
     * @param {Answer} answer
     * @param {Ask} ask
     */
    take(answer, ask) {
      const id = ask.active ?? "";
      const object = ask.objects.find((one) => String(one.id) === id);
      const correction = ask.concepts
        .flatMap(({ corrections }) => corrections)
        .find((one) => one.id === id);
      const part = correction?.parts.at(-1);
      const mended = part && "points" in part ? part : null;
      const step = object ? object.step : mended;
      candidates = { id, prompt: promptOf(step), list: answer.candidates };
      draw();
    },
    /** No answer came: what is left of a former one is not to be chosen from. */
    giveUp() {
      if (!areOfNow()) candidates = null;
      draw();
    },
    clear() {
      candidates = null;
      draw();
    },
    /** Choose the next candidate. */
    cycle() {
      if (!candidates?.list.length) return;
      choose(((target().step?.choice ?? 0) + 1) % candidates.list.length);
    },
    /** The name of the active object, to be typed anew. */
    rename() {
      parts.objectName.focus();
      parts.objectName.select();
    },
    remove: () => store.changeObjects((doc) => removeObject(doc, active().id, store.giveId)),
    newObject() {
      const { objects } = store.objects;
      const last = objects.at(-1);
      if (objects.length >= setup.max_objects && last && stepOf(last)) {
        say(`At most ${setup.max_objects} objects.`, "error");
        return;
      }
      store.workOn(null);
      store.changeObjects((doc) => addObject(doc, setup.max_objects, store.giveId));
    },
  };
}
