// The tab of clicks: objects with names, and the masks to choose from.

/** @import { Answer, Ask, Candidate, PageObject, Say, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { arrange, chip, make, removeButton } from "./nodes.js";
import {
  addObject,
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
 * @typedef {{ id: number, prompt: string | null, list: Candidate[] }} Candidates
 */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Say} say
 */
export function createObjectTab(parts, setup, store, say) {
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
    node.onclick = () =>
      store.changeObjects(
        (doc) => {
          doc.active = doc.objects.findIndex((object) => object.id === id);
        },
        { undoable: false },
      );
    return {
      node,
      show(object, active) {
        const { colours } = setup;
        const place = object.slot + 1;
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
    drawCandidates();
  }

  /** Those of the active object, or how to get some. */
  function drawCandidates() {
    const { id, choice } = activeObject();
    const list = candidates?.id === id ? candidates.list : [];
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

  const activeObject = () => store.objects.objects[store.objects.active];

  /** Whether the candidates are for what the active object is prompted with now. */
  function areOfNow() {
    const object = activeObject();
    return candidates?.id === object.id && candidates.prompt === promptOf(stepOf(object));
  }

  /** @param {number} index */
  function choose(index) {
    if (!areOfNow()) return; // others are on their way
    store.changeObjects((doc) => {
      doc.objects[doc.active].choice = index;
    });
  }

  store.listen(draw);
  drawCandidates();

  return {
    /**
     * @param {Answer} answer
     * @param {Ask} ask
     */
    take(answer, ask) {
      const object = ask.objects[ask.active];
      candidates = { id: object.id, prompt: promptOf(object.step), list: answer.candidates };
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
      if (candidates?.list.length) choose((activeObject().choice + 1) % candidates.list.length);
    },
    newObject() {
      const { objects } = store.objects;
      const last = objects.at(-1);
      if (objects.length >= setup.max_objects && last && stepOf(last)) {
        say(`At most ${setup.max_objects} objects.`, "error");
        return;
      }
      store.changeObjects((doc) => addObject(doc, setup.max_objects, store.giveId));
    },
  };
}
