// The list of what was found, which both tabs share.

/** @import { Answer, Ask, Concept, Found as Seen, Instance, Row, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
/** @import { Prompts } from "./state/hidden.js" */
import { colourOf, listed } from "./drawing/look.js";
import { arrange, make } from "./nodes.js";
import { withId } from "./state/concepts.js";
import { addedNumber, conceptOf, isOfConcept } from "./state/corrections.js";
import { allPrompts, hiddenIds } from "./state/hidden.js";
import { nameOf } from "./state/phrases.js";

/** @typedef {ReturnType<typeof createFound>} Found */
/** @typedef {{ node: HTMLElement, show: (row: Row, one: Instance, off: boolean) => void }} Item */

/**
 * @param {Pick<Parts, "instances" | "total">} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Results} results
 */
export function createFound(parts, setup, store, results) {
  /** @type {Row[]} */
  let rows = [];
  /**
   * The concepts that were asked, by their ids.
   * @type {Map<number, Concept>}
   */
  let concepts = new Map();
  /**
   * Of the rows, as they were answered.
   * @type {Prompts}
   */
  let prompts = new Map();
  /**
   * The lines by the ids of their instances. The same one stays the same element, so that the
   * focus and the place in the list stay.
   * @type {Map<string, Item>}
   */
  let items = new Map();
  /**
   * Shown while the pointer is there; a click keeps it until the next one.
   * @type {string | null}
   */
  let pinned = null;
  let hiddenCount = 0;
  /** @type {(() => void)[]} */
  const listeners = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };

  /** @param {Row} row */
  function thresholdOf({ id, is_object }) {
    if (is_object) return 0;
    return withId(store.concepts, id)?.threshold ?? store.settings.score_threshold;
  }

  /**
   * @param {Row} row
   * @param {Instance} one
   */
  function nameIn(row, one) {
    const concept = concepts.get(row.id);
    return nameOf(row, one.number, concept ? addedNumber(concept, one.id) : 0);
  }

  /** What is found, as it is looked at now. */
  function draw() {
    const hidden = new Set(hiddenIds(store.hidden, prompts));
    const lines = rows.flatMap((row) => listed(row, thresholdOf(row)).map((one) => ({ row, one })));
    items = new Map(lines.map(({ one }) => [one.id, items.get(one.id) ?? createItem(one.id)]));
    for (const { row, one } of lines) items.get(one.id)?.show(row, one, hidden.has(one.id));
    parts.total.textContent = lines.length ? String(lines.length) : "";
    arrange(
      parts.instances,
      [...items.values()].map(({ node }) => node),
    );
    hiddenCount = lines.filter(({ one }) => hidden.has(one.id)).length;
  }

  /**
   * @param {string} id
   * @returns {Item}
   */
  function createItem(id) {
    const node = make("li", { "data-id": id });
    const choice = make("button", { type: "button", class: "name" });
    const name = make("b", {});
    choice.append(name);
    const score = make("span", { class: "score" });
    const eye = make("button", { type: "button", class: "eye" });
    const where = make("small", {});
    node.append(make("i", { class: "dot" }), choice, score, eye, where);
    choice.onfocus = () => light(id, false);
    choice.onblur = () => light(null, false);
    node.onmouseenter = () => light(id, false);
    node.onmouseleave = () => light(null, false);
    node.onclick = () => light(id, true);
    return {
      node,
      show(row, one, off) {
        const { colours } = setup;
        const called = nameIn(row, one);
        node.classList.toggle("off", off);
        node.classList.toggle("mended", one.corrected);
        node.classList.toggle("active", store.concepts.mending === id);
        const colour = colours[colourOf(one, store.settings.style) % colours.length];
        node.style.setProperty("--colour", colour);
        name.textContent = called;
        if (one.corrected) choice.title = "Mended by hand: it stays as it is in later runs";
        else choice.removeAttribute("title");
        choice.setAttribute("aria-pressed", String(pinned === id));
        score.textContent = one.score.toFixed(2);
        eye.textContent = off ? "show" : "hide";
        eye.setAttribute("aria-label", `${off ? "Show" : "Hide"} ${called}`);
        eye.onclick = (event) => {
          event.stopPropagation();
          store.toggleHidden({ id, prompt: prompts.get(row.id) ?? "" });
        };
        const [x0, y0, x1, y1] = one.box.map(Math.round);
        where.textContent = `${one.area.toLocaleString("en")} px · ${x0}, ${y0} – ${x1}, ${y1}`;
      },
    };
  }

  /**
   * @param {string | null} id
   * @param {boolean} pin
   */
  function light(id, pin) {
    if (pin) pinned = pinned === id ? null : id;
    const lit = id ?? pinned;
    results.highlight(lit);
    for (const node of parts.instances.children) {
      const own = node.getAttribute("data-id");
      node.classList.toggle("lit", own === lit);
      node.querySelector(".name")?.setAttribute("aria-pressed", String(own === pinned));
    }
    if (pin) tell();
  }

  store.listen(draw);

  return {
    /** @param {() => void} listener told when another one is marked, or others are found */
    listen(listener) {
      listeners.push(listener);
    },
    /** How many are shown, and how many are hidden. */
    get counts() {
      return { shown: parts.instances.children.length - hiddenCount, hidden: hiddenCount };
    },
    /** The ids of those that are hidden, whatever is asked by now. */
    get hidden() {
      return hiddenIds(store.hidden, prompts);
    },
    /**
     * @param {Answer} answer
     * @param {Ask} ask that it answers
     */
    take(answer, ask) {
      rows = answer.rows;
      concepts = new Map(ask.concepts.map((one) => [one.id, one]));
      prompts = allPrompts(ask);
      draw();
      tell();
    },
    /** @param {string | null} id */
    light: (id) => light(id, false),
    /** The one that was clicked last; null where none is marked. */
    get pinned() {
      return rows.some(({ instances }) => instances.some(({ id }) => id === pinned))
        ? pinned
        : null;
    },
    /**
     * What was found under an id, for whoever mends it; undefined where it is an object, was mended
     * already, or is not there.
     * @param {string} id
     * @returns {Seen | undefined}
     */
    at(id) {
      const concept = concepts.get(conceptOf(id));
      const one = rows.flatMap(({ instances }) => instances).find((other) => other.id === id);
      if (!(concept && one) || one.corrected || !isOfConcept(id)) return;
      const { text, exemplars } = concept;
      return {
        text,
        exemplars,
        candidate: Number(id.split(":")[1]),
        box: one.box,
        inside: one.inside,
      };
    },
    /**
     * What it is called.
     * @param {string} id
     */
    nameOf(id) {
      for (const row of rows) {
        const one = row.instances.find((other) => other.id === id);
        if (one) return nameIn(row, one);
      }
      return "";
    },
    /** The ids of those that are listed, in their order. */
    get ids() {
      return [...items.keys()];
    },
    /** @param {string} id */
    reveal(id) {
      light(id, true);
      const node = [...parts.instances.children].find((one) => one.classList.contains("lit"));
      node?.scrollIntoView({ block: "nearest" });
    },
    clear() {
      pinned = null;
      rows = [];
      draw();
      tell();
    },
  };
}
