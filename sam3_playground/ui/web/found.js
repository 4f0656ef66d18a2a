// The list of what was found, which both tabs share.

/** @import { Answer, Ask, Instance, Row, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
/** @import { Prompts } from "./state/hidden.js" */
import { colourOf, listed } from "./drawing/look.js";
import { arrange, make } from "./nodes.js";
import { withId } from "./state/concepts.js";
import { conceptPrompts, hiddenIds, objectPrompts } from "./state/hidden.js";
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
  /** @type {Pick<Answer, "mode" | "rows">} */
  let answered = { mode: "concepts", rows: [] };
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

  /** @param {number} id of a row */
  function thresholdOf(id) {
    if (answered.mode === "objects") return 0;
    return withId(store.concepts, id)?.threshold ?? store.settings.score_threshold;
  }

  /** What is found, as it is looked at now. */
  function draw() {
    const hidden = new Set(hiddenIds(store.settings.hidden[answered.mode], prompts));
    const lines = answered.rows.flatMap((row) =>
      listed(row, thresholdOf(row.id)).map((one) => ({ row, one })),
    );
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
        const called = nameOf(answered.mode, row, one.number);
        node.classList.toggle("off", off);
        const colour = colours[colourOf(one, store.settings.style) % colours.length];
        node.style.setProperty("--colour", colour);
        name.textContent = called;
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
  }

  store.listen(draw);

  return {
    /** How many are shown, and how many are hidden. */
    get counts() {
      return { shown: parts.instances.children.length - hiddenCount, hidden: hiddenCount };
    },
    /** The ids of those that are hidden, whatever is asked by now. */
    get hidden() {
      return hiddenIds(store.settings.hidden[answered.mode], prompts);
    },
    /**
     * @param {Answer} answer
     * @param {Ask} ask that it answers
     */
    take(answer, ask) {
      answered = answer;
      prompts = answer.mode === "concepts" ? conceptPrompts(ask) : objectPrompts(ask);
      draw();
    },
    /** @param {string | null} id */
    light: (id) => light(id, false),
    /** @param {string} id */
    reveal(id) {
      light(id, true);
      const node = [...parts.instances.children].find((one) => one.classList.contains("lit"));
      node?.scrollIntoView({ block: "nearest" });
    },
    clear() {
      pinned = null;
      answered = { ...answered, rows: [] };
      draw();
    },
  };
}
