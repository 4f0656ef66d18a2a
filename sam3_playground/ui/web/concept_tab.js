// The concept tab: words, and the legend with counts, example boxes and thresholds.

/** @import { Answer, Ask, Concept, Exemplar, Row, Say, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { listed } from "./drawing/look.js";
import { arrange, chip, make, removeButton, smallButton } from "./nodes.js";
import { removeConcept, removeExemplar, setWords, withId } from "./state/concepts.js";
import { bringBack, removedCount } from "./state/corrections.js";
import { note } from "./state/phrases.js";
import { createRows } from "./state/rows.js";
import { wordsIn } from "./state/words.js";

/** @typedef {ReturnType<typeof createConceptTab>} ConceptTab */
/** @typedef {{ node: HTMLElement, show: (concept: Concept, active: boolean) => void }} Item */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {{ run: () => void, say: Say, add: (id: number) => void }} actions
 */
export function createConceptTab(parts, setup, store, { run, say, add }) {
  const rows = createRows();
  let waiting = false;
  /**
   * The lines of the legend, by the ids of their concepts.
   * @type {Map<number, Item>}
   */
  let items = new Map();
  const { colours, separators, max_concepts: most } = setup;

  /** The field's words become the concepts. */
  function runWords() {
    const text = parts.words.value;
    store.changeConcepts((doc) => setWords(doc, text, { separators, most, giveId: store.giveId }));
    run();
  }

  /**
   * The field for the threshold that a concept has of its own.
   * @param {number} id
   */
  function ownThreshold(id) {
    const field = make("input", {
      type: "number",
      min: "0",
      max: "1",
      step: "0.01",
      placeholder: "own",
      title: "A confidence threshold for this concept alone; empty takes the common one",
    });
    field.onclick = (event) => event.stopPropagation();
    field.onchange = () =>
      store.changeConcepts((doc) => {
        const concept = withId(doc, id);
        const value = field.value === "" ? null : Math.min(1, Math.max(0, Number(field.value)));
        if (concept) concept.threshold = value;
      });
    return field;
  }

  /**
   * @param {number} id
   * @param {Exemplar[]} exemplars
   */
  const chips = (id, exemplars) =>
    exemplars.map(({ positive }, index) =>
      chip(positive ? "+ box" : "− box", positive, "Remove this example box", () =>
        store.changeConcepts((doc) => removeExemplar(doc, id, index)),
      ),
    );

  /**
   * What is added or brought back by hand.
   * @param {Concept} concept
   * @param {Row | undefined} row
   */
  function mendings(concept, row) {
    const { id } = concept;
    const buttons = [];
    if (row) {
      const title = "Click on an object of this concept that was not found";
      buttons.push(smallButton("Add by clicks", title, () => add(id)));
    }
    const removed = removedCount(concept);
    if (removed) {
      const undo = () =>
        store.changeConcepts((doc) => {
          const here = withId(doc, id);
          if (here) bringBack(here);
        });
      const text = `Bring back ${removed} removed`;
      buttons.push(smallButton(text, "They were removed by hand", undo));
    }
    return buttons;
  }

  /**
   * A line of the legend. It stays the same element for the same concept, so that a field that
   * somebody types into stays theirs.
   * @param {number} id
   * @returns {Item}
   */
  function createItem(id) {
    const node = make("li", {});
    const name = make("b", {});
    const choice = make("button", { type: "button", class: "name" });
    choice.append(name);
    const own = ownThreshold(id);
    const label = make("label", { class: "own" }, "≥ ");
    const count = make("span", { class: "count" });
    const remove = removeButton(() =>
      store.changeConcepts((doc) => removeConcept(doc, id, separators)),
    );
    const line = make("div", { class: "line" });
    const extras = make("div", { class: "extras" });
    const remark = make("p", {});
    label.append(own);
    line.append(make("i", { class: "dot" }), choice, label, count, remove);
    node.append(line, extras, remark);
    const pick = () =>
      store.changeConcepts(
        (doc) => {
          doc.active = doc.concepts.findIndex((concept) => concept.id === id);
        },
        { undoable: false },
      );
    node.onclick = pick;

    return {
      node,
      show(concept, active) {
        const title = titleOf(concept);
        const row = rows.of(concept);
        node.classList.toggle("active", active);
        choice.setAttribute("aria-pressed", String(active));
        node.style.setProperty("--colour", colours[concept.slot % colours.length]);
        name.textContent = title;
        own.setAttribute("aria-label", `Confidence threshold of ${title}`);
        remove.setAttribute("aria-label", `Remove ${title}`);
        if (own !== document.activeElement) own.value = String(concept.threshold ?? "");
        extras.replaceChildren(...chips(id, concept.exemplars), ...mendings(concept, row));
        const threshold = concept.threshold ?? store.settings.score_threshold;
        count.textContent = countOf(row, threshold, waiting);
        remark.textContent = row ? note(row) : "";
        remark.className = row && listed(row, 0).length ? "tip" : "none";
        remark.hidden = !remark.textContent;
      },
    };
  }

  function draw() {
    if (store.settings.mode !== "concepts") return;
    const { concepts, active, words } = store.concepts;
    const many = wordsIn(words, separators).length;
    parts.wordsNote.textContent = `Only the first ${most} of these ${many} concepts are used.`;
    parts.wordsNote.hidden = many <= most;
    items = new Map(concepts.map(({ id }) => [id, items.get(id) ?? createItem(id)]));
    arrange(
      parts.legend,
      [...items.values()].map(({ node }) => node),
    );
    for (const [place, concept] of concepts.entries()) {
      items.get(concept.id)?.show(concept, place === active);
    }
    if (document.activeElement !== parts.words) parts.words.value = words;
  }

  parts.words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      runWords();
    }
  });
  store.listen(draw);

  return {
    run: runWords,
    /** An answer is due. */
    wait() {
      waiting = true;
      draw();
    },
    /**
     * @param {Answer} answer
     * @param {Ask} ask
     * @param {boolean} latest whether no other answer is due
     */
    take(answer, ask, latest) {
      rows.take(answer, ask);
      waiting = !latest;
      draw();
    },
    /** No answer came. */
    giveUp() {
      waiting = false;
      draw();
    },
    clear() {
      rows.clear();
      waiting = false;
      draw();
    },
    /** @param {string[]} words */
    setWords(words) {
      parts.words.value = words.join(", ");
      runWords();
    },
    newConcept() {
      const { length } = store.concepts.concepts;
      if (length >= most) {
        say(`At most ${most} concepts.`, "error");
        return;
      }
      store.changeConcepts(
        (doc) => {
          doc.active = length;
        },
        { undoable: false },
      );
      say("Drag a box around an example: it starts a concept without words.");
    },
  };
}

/** @param {Concept} concept */
const titleOf = ({ text }) => text || "boxes only";

/**
 * How many were found; a dash where the concept was not answered, dots where it may yet be.
 * @param {Row | undefined} row
 * @param {number} threshold
 * @param {boolean} waiting
 */
function countOf(row, threshold, waiting) {
  if (row) return String(listed(row, threshold).length);
  return waiting ? "…" : "–";
}
