// The visual tab: objects with names, and the masks to choose from. Also the list of what
// was found, which both tabs share.

function createObjects(refs, setup, store, prompts) {
  const colour = (place) => setup.colours[place % setup.colours.length];

  function item(object, place, active) {
    const node = make("li", { class: place === active ? "active" : "" });
    node.style.setProperty("--colour", colour(place));
    const line = make("div", { class: "line" });
    const name = make("input", {
      type: "text", maxlength: "80", placeholder: `object ${place + 1}`,
      "aria-label": `Name of object ${place + 1}`,
    });
    name.value = object.name;
    name.onchange = () => store.change((doc) => { doc.objects[place].name = name.value; });
    const remove = make("button", {
      type: "button", class: "remove", "aria-label": `Remove object ${place + 1}`,
    }, "×");
    remove.onclick = (event) => {
      event.stopPropagation();
      store.change((doc) => {
        doc.objects.splice(place, 1);
        if (!doc.objects.length) doc.objects.push(store.newObject());
        doc.active = Math.min(doc.active, doc.objects.length - 1);
      });
    };
    line.append(make("i", { class: "dot" }), name, remove);
    const extras = make("div", { class: "extras" });
    const chip = (text, kind, edit) => {
      const button = make("button", {
        type: "button", class: "chip " + kind, title: "Remove this prompt",
      }, text);
      button.onclick = (event) => {
        event.stopPropagation();
        store.change((doc) => { edit(doc.objects[place]); prompts.restart(doc.objects[place]); });
      };
      extras.append(button);
    };
    if (object.box) chip("+ box", "plus", (mine) => { mine.box = null; });
    object.points.forEach((point, index) => chip(
      point.positive ? "+ point" : "− point", point.positive ? "plus" : "minus",
      (mine) => { mine.points.splice(index, 1); }));
    node.append(line, extras);
    node.onclick = () => store.change((doc) => { doc.active = place; }, { undoable: false });
    return node;
  }

  function draw() {
    if (store.settings.mode !== "objects") return;
    if (refs.objects.contains(document.activeElement) && document.activeElement.tagName === "INPUT"
      && refs.objects.children.length === store.now.objects.length) return;
    const { objects, active } = store.now;
    refs.objects.replaceChildren(...objects.map((one, place) => item(one, place, active)));
  }

  function choose(index) {
    store.change((doc) => { doc.objects[doc.active].choice = index; });
  }

  store.listen(draw);

  return {
    setCandidates(candidates) {
      const chosen = store.of("objects").objects[store.of("objects").active].choice;
      refs.candidates.replaceChildren(...candidates.map((candidate, index) => {
        const button = make("button", {
          type: "button", "aria-pressed": String(index === chosen),
          title: `Mask ${index + 1}, predicted IoU ${candidate.score.toFixed(3)}`,
        });
        button.append(make("img", { src: candidate.thumbnail, alt: `Mask ${index + 1}` }),
          make("span", {}, candidate.score.toFixed(2)));
        button.onclick = () => choose(index);
        return button;
      }));
      if (!candidates.length) {
        refs.candidates.append(make("p", { class: "tip" }, "They come with the first click."));
      }
    },
    cycle() {
      const count = refs.candidates.querySelectorAll("button").length;
      if (count) choose((store.now.objects[store.now.active].choice + 1) % count);
    },
    newObject() {
      store.change((doc) => {
        const last = doc.objects[doc.objects.length - 1];
        const unused = !last.points.length && !last.box;
        if (!unused && doc.objects.length < setup.max_objects) doc.objects.push(store.newObject());
        doc.active = doc.objects.length - 1;
      });
    },
  };
}

function createFound(refs, setup, store, results) {
  let lit = null;

  function draw(answer) {
    const hidden = new Set(store.settings.hidden[store.settings.mode].map(String));
    const list = answer.rows.flatMap((row, place) => row.instances.map((one) => ({ one, row, place })));
    refs.total.textContent = list.length ? String(list.length) : "";
    refs.instances.replaceChildren(...list.map(({ one, row, place }) => {
      const by = store.settings.style.colour_by === "instance" ? one.number - 1 : place;
      const off = hidden.has(String(one.id));
      const node = make("li", { "data-number": one.number, class: off ? "off" : "", tabindex: "0" });
      node.style.setProperty("--colour", setup.colours[by % setup.colours.length]);
      const [x0, y0, x1, y1] = one.box.map(Math.round);
      const eye = make("button", {
        type: "button", class: "eye", "aria-pressed": String(!off),
        "aria-label": `${off ? "Show" : "Hide"} ${row.label} ${one.number}`,
      }, off ? "show" : "hide");
      eye.onclick = (event) => { event.stopPropagation(); toggle(one.id); };
      node.append(make("i", { class: "dot" }), make("b", {}, row.label),
        make("span", { class: "score" }, one.score.toFixed(2)), eye,
        make("small", {}, `${one.area.toLocaleString("en")} px · ${x0}, ${y0} – ${x1}, ${y1}`));
      node.onmouseenter = () => light(one.number, false);
      node.onmouseleave = () => light(null, false);
      node.onfocus = () => light(one.number, false);
      node.onclick = () => light(one.number, true);
      return node;
    }));
  }

  function toggle(id) {
    const mode = store.settings.mode;
    const list = store.settings.hidden[mode];
    const kept = list.filter((other) => String(other) !== String(id));
    store.settings.hidden[mode] = kept.length < list.length ? kept : [...list, id];
    store.tell();
  }

  // Shown while the pointer is there; a click keeps it until the next one.
  let pinned = null;
  function light(number, pin) {
    if (pin) pinned = pinned === number ? null : number;
    lit = number === null ? pinned : number;
    results.highlight(lit);
    for (const node of refs.instances.children) {
      node.classList.toggle("lit", Number(node.dataset.number) === lit);
    }
    return lit;
  }

  return {
    draw,
    light,
    reveal(number) {
      light(number, true);
      const node = refs.instances.querySelector(`[data-number='${number}']`);
      if (node) node.scrollIntoView({ block: "nearest" });
    },
    clear() { pinned = null; refs.instances.replaceChildren(); refs.total.textContent = ""; },
  };
}
