// The list of what was found and clicked, which both tabs share.

/** @import { Answer, Ask, Concept, Found as Seen, Instance, Row, Setup } from "./types.d.ts" */
/** @import { Line } from "./found_line.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
/** @import { Prompts } from "./state/hidden.js" */
import { listed } from "./drawing/look.js";
import { createLine } from "./found_line.js";
import { arrange } from "./nodes.js";
import { withId } from "./state/concepts.js";
import { addedNumber, conceptOf, isOfConcept } from "./state/corrections.js";
import { allPrompts, hiddenIds } from "./state/hidden.js";
import { labelOf, stepOf } from "./state/objects.js";
import { nameOf } from "./state/phrases.js";

/** @typedef {ReturnType<typeof createFound>} Found */
/** @typedef {ReturnType<typeof createLine>} Item */

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
  /**
   * What those that are listed are called, by their ids.
   * @type {Map<string, string>}
   */
  let names = new Map();
  let counts = { shown: 0, hidden: 0 };
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

  /**
   * Objects that are prompted, with their masks if they have one.
   * @returns {Line[]}
   */
  function objectLines() {
    return store.objects.objects.flatMap((object) => {
      if (!stepOf(object)) return [];
      const row = rows.find(({ id, is_object }) => is_object && id === object.id);
      const [one = null] = row ? listed(row, 0) : [];
      const called = labelOf(object);
      return [{ id: String(object.id), row: row ?? null, one, called, slot: object.slot }];
    });
  }

  /** @returns {Line[]} */
  function conceptLines() {
    const found = rows.filter(({ is_object }) => !is_object);
    return found.flatMap((row) =>
      listed(row, thresholdOf(row)).map((one) => {
        const { id } = one;
        return { id, row, one, called: nameIn(row, one), slot: row.slot };
      }),
    );
  }

  /** What is found, as it is looked at now. */
  function draw() {
    const hidden = new Set(hiddenIds(store.hidden, prompts));
    const shown = [...conceptLines(), ...objectLines()];
    items = new Map(
      shown.map(({ id }) => [id, items.get(id) ?? createLine(id, setup, store, lines)]),
    );
    for (const line of shown) items.get(line.id)?.show(line, hidden.has(line.id));
    names = new Map(shown.map(({ id, called }) => [id, called]));
    const seen = shown.filter(({ one }) => one);
    parts.total.textContent = seen.length ? String(seen.length) : "";
    arrange(
      parts.instances,
      [...items.values()].map(({ node }) => node),
    );
    const off = seen.filter(({ id }) => hidden.has(id)).length;
    counts = { shown: seen.length - off, hidden: off };
  }

  /**
   * Whether clicks are for it.
   * @param {string} id
   */
  function isActive(id) {
    const { objects, active } = store.objects;
    if (store.settings.mode !== "objects") return store.concepts.mending === id;
    return id === (store.concepts.mending ?? String(objects[active].id));
  }

  /**
   * Mark it and, where clicks are for objects, work on it.
   * @param {string} id
   */
  function choose(id) {
    light(id, true);
    if (store.settings.mode === "objects" && !isOfConcept(id)) store.workOn(Number(id));
  }

  /** @param {string} id */
  function show(id) {
    choose(id);
    items.get(id)?.node.scrollIntoView({ block: "nearest" });
  }

  /** The one that was clicked last; null where none is marked. */
  const pinnedNow = () => (pinned !== null && names.has(pinned) ? pinned : null);

  /**
   * Mark the one before or after the one that is marked or worked on.
   * @param {1 | -1} way
   */
  function step(way) {
    const ids = [...items.keys()];
    const from = ids.indexOf(pinnedNow() ?? ids.find(isActive) ?? "");
    const to = from < 0 ? Math.min(0, way) : from + way;
    const id = ids.at(to % ids.length);
    if (id !== undefined && id !== pinned) show(id);
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

  /** What a line asks and does. */
  const lines = {
    isActive,
    isPinned: (/** @type {string} */ id) => pinned === id,
    choose,
    light: (/** @type {string | null} */ id) => light(id, false),
    promptOf: (/** @type {Row | null} */ row) => (row && prompts.get(row.id)) ?? "",
  };
  store.listen(draw);

  return {
    /** @param {() => void} listener told when another one is marked, or others are found */
    listen(listener) {
      listeners.push(listener);
    },
    /** How many are shown, and how many are hidden. */
    get counts() {
      return counts;
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
      return pinnedNow();
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
    nameOf: (id) => names.get(id) ?? "",
    /** The ids of those that are listed, in their order. */
    get ids() {
      return [...items.keys()];
    },
    /** @param {string} id */
    reveal: show,
    commands: {
      previousFound: () => step(-1),
      nextFound: () => step(1),
    },
    clear() {
      pinned = null;
      rows = [];
      draw();
      tell();
    },
  };
}
