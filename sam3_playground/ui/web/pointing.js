// What a click or a box in the image means, which depends on the tab and on what lies there.

/** @import { Box, Point, Say } from "./types.d.ts" */
/** @import { ConceptTab } from "./concept_tab.js" */
/** @import { Found } from "./found.js" */
/** @import { Marks } from "./marks.js" */
/** @import { Mending } from "./mending.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { addExemplar } from "./state/concepts.js";
import { isOfConcept } from "./state/corrections.js";
import { addClick, setBox } from "./state/objects.js";

export const CLOSED =
  "The weights that run have no click head: the list of weights says how to get one.";

/**
 * @typedef {object} Page
 * @property {Marks} marks
 * @property {Results} results
 * @property {Found} found
 * @property {{ readonly clicks: boolean }} status
 * @property {Mending} mending
 * @property {Pick<ConceptTab, "run">} concepts
 * @property {Say} say
 */

/**
 * @param {Pick<Parts, "words">} parts
 * @param {Store} store
 * @param {View} view
 * @param {Page} page
 */
export function createPointing(parts, store, view, page) {
  const { marks, results, found, status, mending, concepts, say } = page;

  /** @param {Point | null} point */
  function hover(point) {
    found.light(point && results.idAt(point));
  }

  /**
   * @param {Point} point
   * @param {boolean} positive
   * @param {number} reach
   */
  function click(point, positive, reach) {
    const near = marks.near(point, reach);
    if (near) near.remove();
    else if (view.inside(point)) clickBeside(point, positive);
  }

  /**
   * @param {Point} point where no prompt is
   * @param {boolean} positive
   */
  function clickBeside({ x, y }, positive) {
    const id = results.idAt({ x, y });
    if (mending.merge(id)) return;
    if (store.settings.mode === "objects") {
      if (!status.clicks) say(CLOSED, "error");
      else if (positive && id && isAnother(id)) work(id);
      else if (store.concepts.mending === null)
        store.changeObjects((doc) => addClick(doc, { x, y, positive }));
      else mending.click({ x, y, positive });
      return;
    }
    if (id) found.reveal(id);
    else say("Drag a box around an example, or type words. For clicks take the tab Objects.");
  }

  /**
   * Whether an instance is another one than that which clicks are for.
   * @param {string} id
   */
  function isAnother(id) {
    const { objects: list, active } = store.objects;
    return id !== (store.concepts.mending ?? String(list[active].id));
  }

  /**
   * Clicks are for this object or instance from now on.
   * @param {string} id
   */
  function work(id) {
    if (isOfConcept(id)) mending.choose(id);
    else store.workOn(Number(id));
    say(`Clicks are for ${found.nameOf(id)} now. To click into it for another, hide it.`);
  }

  /**
   * @param {Box} edges
   * @param {boolean} positive
   */
  function box(edges, positive) {
    if (store.settings.mode === "concepts") {
      // Words that were typed but not yet sent are what the box belongs to.
      if (parts.words.value.trim() && !store.concepts.concepts.length) concepts.run();
      store.changeConcepts((doc) => addExemplar(doc, { box: edges, positive }, store.giveId));
    } else if (!status.clicks) {
      say(CLOSED, "error");
    } else if (positive && store.concepts.mending !== null) {
      mending.box(edges);
    } else if (positive) {
      store.changeObjects((doc) => setBox(doc, edges));
    } else {
      say("A box always includes here: exclude with − points.", "error");
    }
  }

  return { hover, click, box };
}
