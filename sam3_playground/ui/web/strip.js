// The images of the tab in a row: small pictures with names and how many instances were found.

/** @import { Picture } from "./album.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
import { arrange, make } from "./nodes.js";
import { listed, totalOf } from "./state/batch.js";

/** @typedef {{ node: HTMLElement, show: (image: Picture) => void }} Item */
/**
 * @typedef {object} Acts
 * @property {(image: Picture) => void} go
 * @property {(ids: string[]) => void} close
 * @property {(image: Picture) => boolean} isStale whether something else was asked when its
 *   instances were counted
 */

/**
 * @param {Parts} parts
 * @param {Album<Picture>} album
 * @param {Acts} acts
 */
export function createStrip(parts, album, { go, close, isStale }) {
  /** @type {Map<string, Item>} */
  let items = new Map();
  let seen = "";

  /**
   * @param {Picture} image
   * @returns {Item}
   */
  function createItem(image) {
    const node = make("div", { role: "option", "data-image": image.id });
    const picture = make("img", { alt: "", draggable: "false" });
    const name = make("span", { class: "name" });
    const count = make("span", { class: "count" });
    // With the keyboard it is Delete: in a list no button can be reached.
    const cross = make("span", { class: "cross", "aria-hidden": "true", title: "Close" }, "×");
    node.append(picture, count, cross, name);
    node.onclick = () => go(image);
    cross.onclick = (event) => {
      event.stopPropagation();
      close([image.id]);
    };
    return {
      node,
      show(shown) {
        const { name: title, thumb, counts, fault } = shown;
        const open = shown === album.current;
        const found = counts ? String(totalOf(counts)) : "";
        node.setAttribute("aria-selected", String(open));
        node.tabIndex = shown === (album.current ?? album.list[0]) ? 0 : -1;
        if (thumb && picture.getAttribute("src") !== thumb) picture.src = thumb;
        picture.hidden = !thumb;
        name.textContent = title;
        count.textContent = fault ? "!" : found;
        count.hidden = !count.textContent;
        node.classList.toggle("faulty", fault !== "");
        node.classList.toggle("stale", isStale(shown));
        const said = fault || whatIn(counts);
        // By ear, its name and its count are what is seen; the rest describes it.
        node.title = `${title}\n${said}`;
      },
    };
  }

  function draw() {
    const { list, current, shared, closed } = album;
    const several = list.length > 1;
    parts.album.hidden = !(list.length || closed.length);
    items = new Map(list.map((image) => [image.id, items.get(image.id) ?? createItem(image)]));
    arrange(
      parts.strip,
      [...items.values()].map(({ node }) => node),
    );
    for (const image of list) items.get(image.id)?.show(image);
    parts.place.textContent = placeOf(list, current);
    parts.sharedField.hidden = !several;
    parts.shared.checked = shared;
    parts.runAll.hidden = !several;
    parts.closeAll.hidden = !several;
    parts.closeOne.hidden = !current;
    parts.bringBack.hidden = !closed.length;
    parts.bringBack.textContent =
      closed.length === 1 ? `Bring back ${closed[0].name}` : `Bring back ${closed.length} images`;
    if (current && current.id !== seen) reveal(current.id);
    seen = current?.id ?? "";
  }

  /** @param {string} id */
  function reveal(id) {
    const { strip } = parts;
    const node = items.get(id)?.node;
    if (!node) return;
    // The page itself is not to move.
    const left = node.offsetLeft - strip.offsetLeft;
    const right = left + node.offsetWidth - strip.clientWidth;
    strip.scrollLeft = Math.max(right, Math.min(left, strip.scrollLeft));
  }

  /**
   * @param {string} key
   * @param {number} place
   */
  function placeAfter(key, place) {
    const last = album.list.length - 1;
    const places = /** @type {Record<string, number>} */ ({
      ArrowLeft: place - 1,
      ArrowUp: place - 1,
      ArrowRight: place + 1,
      ArrowDown: place + 1,
      Home: 0,
      End: last,
    });
    return key in places ? Math.max(0, Math.min(last, places[key])) : undefined;
  }

  parts.strip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = album.list.findIndex(({ id }) => items.get(id)?.node === event.target);
    const image = album.list[place];
    if (!image) return;
    const next = placeAfter(event.key, place);
    if (next !== undefined) {
      items.get(album.list[next].id)?.node.focus();
      go(album.list[next]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      close([image.id]);
      const beside = album.list[Math.min(place, album.list.length - 1)];
      if (beside) items.get(beside.id)?.node.focus();
      else parts.viewport.focus();
    } else if (event.key === "Enter" || event.key === " ") go(image);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  parts.strip.addEventListener(
    "wheel",
    (event) => {
      if (event.deltaX || parts.strip.scrollWidth <= parts.strip.clientWidth) return;
      event.preventDefault();
      parts.strip.scrollLeft += event.deltaY;
    },
    { passive: false },
  );
  parts.shared.onchange = () => album.share(parts.shared.checked);
  album.listen(draw);

  return { draw };
}

/**
 * @param {Picture[]} list
 * @param {Picture | undefined} current
 */
function placeOf(list, current) {
  if (!current) return list.length ? `${list.length} images` : "";
  const place = list.indexOf(current) + 1;
  return list.length > 1 ? `${place} of ${list.length}: ${current.name}` : current.name;
}

/** @param {Picture["counts"]} counts */
const whatIn = (counts) => (counts ? listed(counts) || "nothing asked" : "not asked yet");
