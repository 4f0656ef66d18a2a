// The concept tab: words, the legend with counts and thresholds, sliders, found instances.

function createConcepts(refs, setup, store, results, actions) {
  let rows = []; // of the last answer
  const colour = (place) => setup.colours[place % setup.colours.length];

  // As `split_concepts` in Python; the separators are Python's own.
  const parted = (text) => [...setup.separators].reduce(
    (parts, mark) => parts.flatMap((part) => part.split(mark)), [text]);

  const wordsIn = (text) => {
    const seen = new Map();
    for (const part of parted(text)) {
      const word = part.trim().replace(/\s+/g, " ");
      if (word && !seen.has(word.toLowerCase())) seen.set(word.toLowerCase(), word);
    }
    return [...seen.values()];
  };

  // The field's words become the concepts; those that stay keep boxes and thresholds.
  function run() {
    const words = wordsIn(refs.words.value);
    if (words.length > setup.max_concepts) {
      actions.say(`Only the first ${setup.max_concepts} concepts are used.`, "error");
    }
    store.change((doc) => {
      const active = doc.concepts[doc.active];
      const old = new Map(doc.concepts.filter((c) => c.text).map((c) => [c.text.toLowerCase(), c]));
      const named = words.map((text) => ({
        exemplars: [], threshold: null, ...old.get(text.toLowerCase()), text,
      }));
      const boxesOnly = doc.concepts.filter((concept) => !concept.text && concept.exemplars.length);
      // Boxes around what is not meant need words: the first that are typed take them.
      const wordless = boxesOnly.filter(
        (concept) => named.length && concept.exemplars.every((one) => !one.positive));
      if (wordless.length) {
        const boxes = wordless.flatMap((concept) => concept.exemplars);
        named[0].exemplars = [...named[0].exemplars, ...boxes];
      }
      doc.words = refs.words.value;
      const others = boxesOnly.filter((concept) => !wordless.includes(concept));
      doc.concepts = [...named, ...others].slice(0, setup.max_concepts);
      const same = doc.concepts.findIndex(
        (concept) => active && active.text && concept.text === active.text);
      doc.active = Math.max(0, same);
    });
    actions.run();
  }

  function chip(text, title, remove, kind) {
    const node = make("button", { type: "button", class: "chip " + kind, title }, text);
    node.onclick = (event) => { event.stopPropagation(); remove(); };
    return node;
  }

  function item(concept, place, active) {
    const node = make("li", { class: place === active ? "active" : "", tabindex: "0" });
    node.style.setProperty("--colour", colour(place));
    const row = rows[place];
    const name = make("b", {}, concept.text || "boxes only");
    const count = make("span", { class: "count" }, row ? String(row.instances.length) : "…");
    const remove = make("button", {
      type: "button", class: "remove", "aria-label": `Remove ${concept.text || "boxes only"}`,
    }, "×");
    remove.onclick = (event) => { event.stopPropagation(); drop(place); };
    const extras = make("div", { class: "extras" });
    concept.exemplars.forEach((exemplar, index) => extras.append(chip(
      exemplar.positive ? "+ box" : "− box", "Remove this example box",
      () => store.change((doc) => {
        doc.concepts[place].exemplars.splice(index, 1);
        if (!doc.concepts[place].text && !doc.concepts[place].exemplars.length) {
          doc.concepts.splice(place, 1);
          doc.active = 0;
        }
      }), exemplar.positive ? "plus" : "minus")));
    const own = make("input", {
      type: "number", min: "0", max: "1", step: "0.01", placeholder: "own",
      title: "A least score for this concept alone; empty takes the common one",
      "aria-label": `Least score of ${concept.text || "boxes only"}`,
    });
    own.value = concept.threshold === null ? "" : concept.threshold;
    own.onclick = (event) => event.stopPropagation();
    own.onchange = () => store.change((doc) => {
      const value = own.value === "" ? null : Math.min(1, Math.max(0, Number(own.value)));
      doc.concepts[place].threshold = value;
    });
    const label = make("label", { class: "own" }, "≥ ");
    label.append(own);
    const line = make("div", { class: "line" });
    line.append(make("i", { class: "dot" }), name, label, count, remove);
    node.append(line, extras);
    if (row && !row.instances.length) {
      const best = row.best === null ? "no candidate at all" : `the best was ${row.best.toFixed(2)}`;
      node.append(make("p", { class: "none" },
        `Nothing above ${row.threshold.toFixed(2)}: ${best}`));
    }
    const pick = () => store.change((doc) => { doc.active = place; }, { undoable: false });
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

  function drop(place) {
    store.change((doc) => {
      const [gone] = doc.concepts.splice(place, 1);
      doc.active = Math.max(0, Math.min(doc.active, doc.concepts.length - 1));
      if (gone.text) {
        const rest = wordsIn(doc.words)
          .filter((word) => word.toLowerCase() !== gone.text.toLowerCase());
        doc.words = rest.join(", ");
      }
      rows = [];
    });
  }

  function draw() {
    if (store.settings.mode !== "concepts") return;
    const { concepts, active } = store.now;
    const kept = refs.legend.contains(document.activeElement);
    if (!kept || document.activeElement.tagName !== "INPUT") {
      const focused = [...refs.legend.children].indexOf(document.activeElement);
      refs.legend.replaceChildren(...concepts.map((one, place) => item(one, place, active)));
      if (focused >= 0 && refs.legend.children[focused]) refs.legend.children[focused].focus();
    }
    if (document.activeElement !== refs.words) refs.words.value = store.now.words;
    refs.scoreOut.textContent = store.settings.score_threshold.toFixed(2);
    refs.iouOut.textContent = store.settings.iou_threshold.toFixed(2);
    refs.score.value = store.settings.score_threshold;
    refs.iou.value = store.settings.iou_threshold;
  }

  refs.words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      run();
    }
  });
  for (const [name, setting] of [["score", "score_threshold"], ["iou", "iou_threshold"]]) {
    refs[name].oninput = () => {
      store.settings[setting] = Number(refs[name].value);
      store.tell();
    };
  }
  store.listen(draw);

  return {
    run,
    setRows(value) { rows = value; draw(); },
    setWords(words) {
      refs.words.value = words.join(", ");
      run();
    },
    newConcept() {
      if (store.now.concepts.length >= setup.max_concepts) {
        actions.say(`At most ${setup.max_concepts} concepts.`, "error");
        return;
      }
      store.change((doc) => { doc.active = doc.concepts.length; }, { undoable: false });
      actions.say("Drag a box around an example: it starts a concept without words.");
    },
  };
}
