// The tab of clicks: objects with names, and the masks to choose from.

/** @import { Answer, Ask, Candidate, PageObject, Say, Setup, Step } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { arrange, chip, make, removeButton } from "./nodes.js";
import { dropEmptyStep, stepOfInstance } from "./state/corrections.js";
import {
  addObject,
  dropBox,
  dropPoint,
  promptOf,
  removeBox,
  removeClick,
  removeObject,
  stepOf,
  withId,
} from "./state/objects.js";

/** @typedef {ReturnType<typeof createObjectTab>} ObjectTab */
/** @typedef {{ node: HTMLElement, show: (object: PageObject, active: boolean) => void }} Item */
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
  /**
   * By the ids of their objects.
   * @type {Map<number, Item>}
   */
  let items = new Map();
  /** @type {Candidates | null} */
  let candidates = null;

  /** @param {PageObject} object */
  function chips({ id, box, points }) {
    const title = "Remove this prompt";
    const clicks = points.map(({ positive }, index) =>
      chip(positive ? "+ point" : "− point", positive, title, () =>
        store.changeObjects((doc) => removeClick(doc, id, index)),
      ),
    );
    if (!box) return clicks;
    const remove = () => store.changeObjects((doc) => removeBox(doc, id));
    return [chip("+ box", true, title, remove), ...clicks];
  }

  /**
   * A line of the list; the same element for the same object.
   * @param {number} id
   * @returns {Item}
   */
  function createItem(id) {
    const node = make("li", {});
    const name = make("input", { type: "text", maxlength: "80" });
    name.onchange = () =>
      store.changeObjects((doc) => {
        const object = withId(doc, id);
        if (object) object.name = name.value;
      });
    const remove = removeButton(() =>
      store.changeObjects((doc) => removeObject(doc, id, store.giveId)),
    );
    const line = make("div", { class: "line" });
    const extras = make("div", { class: "extras" });
    const choice = make("button", { type: "button", class: "pick" });
    line.append(choice, name, remove);
    node.append(line, extras);
    node.onclick = () => store.workOn(id);
    return {
      node,
      show(object, chosen) {
        const active = chosen && store.concepts.mending === null;
        const { colours } = setup;
        const place = object.number;
        node.classList.toggle("active", active);
        choice.setAttribute("aria-pressed", String(active));
        choice.setAttribute("aria-label", `Work on object ${place}`);
        node.style.setProperty("--colour", colours[object.slot % colours.length]);
        name.placeholder = `object ${place}`;
        name.setAttribute("aria-label", `Name of object ${place}`);
        if (name !== document.activeElement) name.value = object.name;
        remove.setAttribute("aria-label", `Remove object ${place}`);
        extras.replaceChildren(...chips(object));
      },
    };
  }

  function draw() {
    if (store.settings.mode !== "objects") return;
    const { objects, active } = store.objects;
    items = new Map(objects.map(({ id }) => [id, items.get(id) ?? createItem(id)]));
    arrange(
      parts.objects,
      [...items.values()].map(({ node }) => node),
    );
    for (const [place, object] of objects.entries()) {
      items.get(object.id)?.show(object, place === active);
    }
    drawMending();
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
    const object = store.objects.objects[store.objects.active];
    return { id: String(object.id), step: stepOf(object) };
  }

  /** Whether the candidates are for what that is prompted with now. */
  function areOfNow() {
    const { id, step } = target();
    return candidates?.id === id && candidates.prompt === promptOf(step);
  }

  /** @param {number} index */
  function choose(index) {
    if (!areOfNow()) return; // others are on their way
    const { mending } = store.concepts;
    if (mending === null) {
      store.changeObjects((doc) => {
        doc.objects[doc.active].choice = index;
      });
    } else {
      store.changeConcepts((doc) => {
        const step = stepOfInstance(doc, mending);
        if (step) step.choice = index;
      });
    }
  }

  /** The instance that is mended, with its prompts. */
  function drawMending() {
    const { mending } = store.concepts;
    parts.mending.hidden = mending === null;
    if (mending === null) return;
    parts.mendingName.textContent = mendedName(mending);
    /** @param {(step: Step) => void} change */
    const without = (change) => () =>
      store.changeConcepts((doc) => {
        const step = stepOfInstance(doc, mending);
        if (step) change(step);
        dropEmptyStep(doc, mending);
      });
    const step = stepOfInstance(store.concepts, mending);
    const title = "Remove this prompt";
    const clicks = (step?.points ?? []).map(({ positive }, index) =>
      chip(
        positive ? "+ point" : "− point",
        positive,
        title,
        without((one) => dropPoint(one, index)),
      ),
    );
    if (step?.box) clicks.unshift(chip("+ box", true, title, without(dropBox)));
    parts.mendingChips.replaceChildren(...clicks);
  }

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
