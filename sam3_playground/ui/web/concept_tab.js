// The concept tab: words, and the legend with counts, example boxes and thresholds.

/** @import { Concept, Exemplar, Row, Say, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Store } from "./state/store.js" */
import { make } from "./nodes.js";
import { removeConcept, removeExemplar, setWords } from "./state/concepts.js";
import { whyEmpty } from "./state/phrases.js";
import { wordsIn } from "./state/words.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {{ run: () => void, say: Say }} actions
 */
export function createConceptTab(parts, setup, store, { run, say }) {
  /** @type {Row[]} */
  let rows = [];
  const { separators, max_concepts: most } = setup;

  /** The field's words become the concepts. */
  function runWords() {
    if (wordsIn(parts.words.value, separators).length > most) {
      say(`Only the first ${most} concepts are used.`, "error");
    }
    store.changeConcepts((doc) => setWords(doc, parts.words.value, separators, most));
    run();
  }

  /**
   * @param {Exemplar} exemplar
   * @param {number} place
   * @param {number} index
   */
  function chip({ positive }, place, index) {
    const kind = positive ? "plus" : "minus";
    const title = "Remove this example box";
    const attributes = { type: "button", class: `chip ${kind}`, title };
    const node = make("button", attributes, positive ? "+ box" : "− box");
    node.onclick = (event) => {
      event.stopPropagation();
      store.changeConcepts((doc) => removeExemplar(doc, place, index));
    };
    return node;
  }

  /**
   * The field for the threshold that a concept has of its own.
   * @param {Concept} concept
   * @param {number} place
   */
  function ownThreshold(concept, place) {
    const field = make("input", {
      type: "number",
      min: "0",
      max: "1",
      step: "0.01",
      placeholder: "own",
      title: "A least score for this concept alone; empty takes the common one",
      "aria-label": `Least score of ${nameOf(concept)}`,
    });
    field.value = concept.threshold === null ? "" : String(concept.threshold);
    field.onclick = (event) => event.stopPropagation();
    field.onchange = () =>
      store.changeConcepts((doc) => {
        const value = field.value === "" ? null : Math.min(1, Math.max(0, Number(field.value)));
        doc.concepts[place].threshold = value;
      });
    const label = make("label", { class: "own" }, "≥ ");
    label.append(field);
    return label;
  }

  /**
   * @param {Concept} concept
   * @param {number} place
   * @param {boolean} active
   */
  function item(concept, place, active) {
    const node = make("li", { class: active ? "active" : "", tabindex: "0" });
    node.style.setProperty("--colour", setup.colours[place % setup.colours.length]);
    const row = rows.at(place);
    const remove = make(
      "button",
      { type: "button", class: "remove", "aria-label": `Remove ${nameOf(concept)}` },
      "×",
    );
    remove.onclick = (event) => {
      event.stopPropagation();
      rows = [];
      store.changeConcepts((doc) => removeConcept(doc, place, separators));
    };
    const line = make("div", { class: "line" });
    line.append(
      make("i", { class: "dot" }),
      make("b", {}, nameOf(concept)),
      ownThreshold(concept, place),
      make("span", { class: "count" }, row ? String(row.instances.length) : "…"),
      remove,
    );
    const extras = make("div", { class: "extras" });
    extras.append(...concept.exemplars.map((exemplar, index) => chip(exemplar, place, index)));
    node.append(line, extras);
    if (row && !row.instances.length) node.append(make("p", { class: "none" }, whyEmpty(row)));
    const pick = () =>
      store.changeConcepts(
        (doc) => {
          doc.active = place;
        },
        { undoable: false },
      );
    node.onclick = pick;
    node.onkeydown = (event) => {
      if (event.target === node && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        event.stopPropagation();
        pick();
      }
    };
    return node;
  }

  function draw() {
    if (store.settings.mode !== "concepts") return;
    const { concepts, active, words } = store.concepts;
    const focus = document.activeElement;
    const typing = parts.legend.contains(focus) && focus instanceof HTMLInputElement;
    if (!typing) {
      const focused = [...parts.legend.children].indexOf(/** @type {Element} */ (focus));
      parts.legend.replaceChildren(
        ...concepts.map((one, place) => item(one, place, place === active)),
      );
      const again = parts.legend.children[focused];
      if (again instanceof HTMLElement) again.focus();
    }
    if (focus !== parts.words) parts.words.value = words;
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
    /** @param {Row[]} value of the last answer */
    setRows(value) {
      rows = value;
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
const nameOf = ({ text }) => text || "boxes only";
