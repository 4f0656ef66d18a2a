// The list of what was found, which both tabs share.

/** @import { Answer, Identity, Instance, Row, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";

/**
 * @param {Pick<Parts, "instances" | "total">} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Results} results
 */
export function createFound(parts, setup, store, results) {
  /**
   * Shown while the pointer is there; a click keeps it until the next one.
   * @type {number | null}
   */
  let pinned = null;

  /** @param {Answer} answer */
  function draw({ rows }) {
    const hidden = new Set(store.settings.hidden[store.settings.mode].map(String));
    const items = rows.flatMap((row, place) =>
      row.instances.map((one) => item(one, row, place, hidden.has(String(one.id)))),
    );
    parts.total.textContent = items.length ? String(items.length) : "";
    parts.instances.replaceChildren(...items);
  }

  /**
   * @param {Instance} one
   * @param {Row} row
   * @param {number} place
   * @param {boolean} off
   */
  function item(one, row, place, off) {
    const by = store.settings.style.colour_by === "instance" ? one.number - 1 : place;
    const node = make("li", {
      "data-number": one.number,
      class: off ? "off" : "",
      tabindex: "0",
    });
    node.style.setProperty("--colour", setup.colours[by % setup.colours.length]);
    const eye = make(
      "button",
      {
        type: "button",
        class: "eye",
        "aria-pressed": String(!off),
        "aria-label": `${off ? "Show" : "Hide"} ${row.label} ${one.number}`,
      },
      off ? "show" : "hide",
    );
    eye.onclick = (event) => {
      event.stopPropagation();
      toggle(one.id);
    };
    const [x0, y0, x1, y1] = one.box.map(Math.round);
    const where = `${one.area.toLocaleString("en")} px · ${x0}, ${y0} – ${x1}, ${y1}`;
    node.append(
      make("i", { class: "dot" }),
      make("b", {}, row.label),
      make("span", { class: "score" }, one.score.toFixed(2)),
      eye,
      make("small", {}, where),
    );
    node.onmouseenter = () => light(one.number, false);
    node.onmouseleave = () => light(null, false);
    node.onfocus = () => light(one.number, false);
    node.onclick = () => light(one.number, true);
    return node;
  }

  /** @param {Identity} id */
  function toggle(id) {
    const { hidden, mode } = store.settings;
    const kept = hidden[mode].filter((other) => String(other) !== String(id));
    hidden[mode] = kept.length < hidden[mode].length ? kept : [...hidden[mode], id];
    store.tell();
  }

  /**
   * @param {number | null} number
   * @param {boolean} pin
   */
  function light(number, pin) {
    if (pin) pinned = pinned === number ? null : number;
    const lit = number === null ? pinned : number;
    results.highlight(lit);
    for (const node of parts.instances.children) {
      const mine = node instanceof HTMLElement && Number(node.dataset.number) === lit;
      node.classList.toggle("lit", mine);
    }
  }

  return {
    draw,
    /** @param {number | null} number */
    light: (number) => light(number, false),
    /** @param {number} number */
    reveal(number) {
      light(number, true);
      const node = parts.instances.querySelector(`[data-number="${number}"]`);
      node?.scrollIntoView({ block: "nearest" });
    },
    clear() {
      pinned = null;
      parts.instances.replaceChildren();
      parts.total.textContent = "";
    },
  };
}
