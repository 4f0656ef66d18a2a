// A line of what was found or clicked: its name, score and size, and whether it is hidden.

/** @import { Instance, Row, Setup } from "./types.d.ts" */
/** @import { Store } from "./state/store.js" */
import { colourOf } from "./drawing/look.js";
import { make } from "./nodes.js";

/**
 * What a line shows: an instance, or an object that has none (yet).
 * @typedef {{ id: string, row: Row | null, one: Instance | null, called: string, slot: number }} Line
 */

/**
 * @param {string} id of the instance or object
 * @param {Pick<Setup, "colours">} setup
 * @param {Store} store
 * @param {{
 *   isActive: (id: string) => boolean,
 *   isPinned: (id: string) => boolean,
 *   choose: (id: string) => void,
 *   light: (id: string | null) => void,
 *   promptOf: (row: Row | null) => string,
 * }} list
 */
export function createLine(id, { colours }, store, list) {
  const node = make("li", { "data-id": id });
  const choice = make("button", { type: "button", class: "name" });
  const name = make("b", {});
  choice.append(name);
  const score = make("span", { class: "score" });
  const eye = make("button", { type: "button", class: "eye" });
  const where = make("small", {});
  node.append(make("i", { class: "dot" }), choice, score, eye, where);
  choice.onfocus = () => list.light(id);
  choice.onblur = () => list.light(null);
  node.onmouseenter = () => list.light(id);
  node.onmouseleave = () => list.light(null);
  node.onclick = () => list.choose(id);
  return {
    node,
    /**
     * @param {Line} line
     * @param {boolean} off whether it is hidden
     */
    show({ row, one, called, slot }, off) {
      const active = list.isActive(id);
      node.classList.toggle("off", off);
      node.classList.toggle("mended", one?.corrected ?? false);
      node.classList.toggle("active", active);
      choice.setAttribute("aria-current", String(active));
      const place = one ? colourOf(one, store.settings.style) : slot;
      node.style.setProperty("--colour", colours[place % colours.length]);
      name.textContent = called;
      if (one?.corrected) choice.title = "Mended by hand: it stays as it is in later runs";
      else choice.removeAttribute("title");
      choice.setAttribute("aria-pressed", String(list.isPinned(id)));
      score.textContent = one ? one.score.toFixed(2) : "";
      eye.hidden = !one;
      eye.textContent = off ? "show" : "hide";
      eye.setAttribute("aria-label", `${off ? "Show" : "Hide"} ${called}`);
      eye.onclick = (event) => {
        event.stopPropagation();
        store.toggleHidden({ id, prompt: list.promptOf(row) });
      };
      where.textContent = one ? sizeOf(one) : whyNone(row);
    },
  };
}

/** @param {Instance} instance */
function sizeOf({ area, box }) {
  const [x0, y0, x1, y1] = box.map(Math.round);
  return `${area.toLocaleString("en")} px · ${x0}, ${y0} – ${x1}, ${y1}`;
}

/**
 * Why an object has no mask.
 * @param {Row | null} row
 */
const whyNone = (row) => (row?.instances.length ? "nothing there" : "no mask");
