// The list of what was found, which both tabs share.

/** @import { Answer, Ask, Hidden, Instance, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";
import { conceptPrompts, objectPrompts } from "./state/hidden.js";
import { nameOf } from "./state/phrases.js";

/** @typedef {ReturnType<typeof createFound>} Found */

/**
 * @param {Pick<Parts, "instances" | "total">} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Results} results
 */
export function createFound(parts, setup, store, results) {
  /**
   * Shown while the pointer is there; a click keeps it until the next one.
   * @type {string | null}
   */
  let pinned = null;
  let hiddenCount = 0;

  /**
   * @param {Answer} answer
   * @param {Ask} ask that it answers
   */
  function draw({ mode, rows }, ask) {
    const prompts = mode === "concepts" ? conceptPrompts(ask) : objectPrompts(ask);
    const hidden = new Set(store.hiddenIds);
    const items = rows.flatMap((row) =>
      row.instances.map((one) => {
        const identity = { id: one.id, prompt: prompts.get(row.id) ?? "" };
        return item(one, nameOf(mode, row, one.number), identity, hidden.has(one.id));
      }),
    );
    hiddenCount = rows
      .flatMap(({ instances }) => instances)
      .filter(({ id }) => hidden.has(id)).length;
    parts.total.textContent = items.length ? String(items.length) : "";
    parts.instances.replaceChildren(...items);
  }

  /**
   * @param {Instance} one
   * @param {string} name
   * @param {Hidden} identity
   * @param {boolean} off
   */
  function item(one, name, identity, off) {
    const node = make("li", { "data-id": one.id, class: off ? "off" : "", tabindex: "0" });
    node.style.setProperty("--colour", setup.colours[one.colour % setup.colours.length]);
    const eye = make(
      "button",
      {
        type: "button",
        class: "eye",
        "aria-pressed": String(!off),
        "aria-label": `${off ? "Show" : "Hide"} ${name}`,
      },
      off ? "show" : "hide",
    );
    eye.onclick = (event) => {
      event.stopPropagation();
      store.toggleHidden(identity);
    };
    const [x0, y0, x1, y1] = one.box.map(Math.round);
    const where = `${one.area.toLocaleString("en")} px · ${x0}, ${y0} – ${x1}, ${y1}`;
    node.append(
      make("i", { class: "dot" }),
      make("b", {}, name),
      make("span", { class: "score" }, one.score.toFixed(2)),
      eye,
      make("small", {}, where),
    );
    node.onmouseenter = () => light(one.id, false);
    node.onmouseleave = () => light(null, false);
    node.onfocus = () => light(one.id, false);
    node.onclick = () => light(one.id, true);
    return node;
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
      node.classList.toggle("lit", node.getAttribute("data-id") === lit);
    }
  }

  return {
    draw,
    /** How many are shown, and how many are hidden. */
    get counts() {
      return { shown: parts.instances.children.length - hiddenCount, hidden: hiddenCount };
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
      hiddenCount = 0;
      parts.instances.replaceChildren();
      parts.total.textContent = "";
    },
  };
}
