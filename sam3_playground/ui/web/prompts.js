// The prompts as they are drawn, and which of them lies under a point.

const SVG = "http://www.w3.org/2000/svg";
const HANDLE = 9;

function svgNode(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.appendChild(node);
  return node;
}

function createPrompts(refs, store, view) {
  let draft = null;
  let cursor = null;

  // Every prompt of the open tab as {kind, positive, x, y | box, faint, remove}.
  function listed() {
    const now = store.now;
    if (store.settings.mode === "concepts") {
      return now.concepts.flatMap((concept, row) => concept.exemplars.map((exemplar, place) => ({
        kind: "box", positive: exemplar.positive, box: exemplar.box, faint: row !== now.active,
        remove: (doc) => removeExemplar(doc, row, place),
      })));
    }
    return now.objects.flatMap((object, row) => {
      const faint = row !== now.active;
      const marks = object.points.map((point, place) => ({
        kind: "point", ...point, faint,
        remove: (doc) => { doc.objects[row].points.splice(place, 1); restart(doc.objects[row]); },
      }));
      if (object.box) {
        marks.unshift({
          kind: "box", positive: true, box: object.box, faint,
          remove: (doc) => { doc.objects[row].box = null; restart(doc.objects[row]); },
        });
      }
      return marks;
    });
  }

  function removeExemplar(doc, row, place) {
    doc.concepts[row].exemplars.splice(place, 1);
    if (!doc.concepts[row].text && !doc.concepts[row].exemplars.length) {
      doc.concepts.splice(row, 1);
      doc.active = Math.max(0, Math.min(doc.active, doc.concepts.length - 1));
    }
  }

  // Another prompt makes other candidates: the best one is chosen again.
  function restart(object) {
    object.choice = 0;
    object.base = null;
  }

  function anchor(mark) {
    return mark.kind === "point" ? mark : { x: mark.box[0], y: mark.box[1] };
  }

  function draw() {
    refs.marks.replaceChildren();
    const size = 1 / view.zoom;
    for (const mark of listed()) drawMark(mark, size);
    if (draft) drawBox(draft.box, draft.positive, "draft");
    if (cursor) drawCursor(size);
  }

  function drawBox(box, positive, extra) {
    const [x, y, right, bottom] = box;
    const frame = { x, y, width: right - x, height: bottom - y };
    const kind = (positive ? "plus " : "minus ") + extra;
    svgNode("rect", { ...frame, class: "casing" }, refs.marks);
    svgNode("rect", { ...frame, class: "box " + kind }, refs.marks);
  }

  function drawMark(mark, size) {
    const faint = mark.faint ? " faint" : "";
    if (mark.kind === "box") drawBox(mark.box, mark.positive, faint);
    const { x, y } = anchor(mark);
    const badge = svgNode("g", {
      transform: `translate(${x} ${y}) scale(${size})`,
      class: `mark ${mark.kind} ${mark.positive ? "plus" : "minus"}${faint}`,
    }, refs.marks);
    svgNode("circle", { r: HANDLE }, badge);
    svgNode("path", { d: mark.positive ? "M-4.5 0h9M0-4.5v9" : "M-4.5 0h9" }, badge);
  }

  function drawCursor(size) {
    const sight = svgNode("g", {
      transform: `translate(${cursor.x} ${cursor.y}) scale(${size})`, class: "cursor",
    }, refs.marks);
    svgNode("path", { d: "M-18 0h12M6 0h12M0-18v12M0 6v12" }, sight);
  }

  store.listen(draw);
  view.listen(draw);

  return {
    draw,
    listed,
    restart,
    // The prompt whose point or badge is within `reach` screen pixels; the nearest one.
    near(point, reach) {
      const zoom = view.zoom;
      const away = (mark) => Math.hypot(anchor(mark).x - point.x, anchor(mark).y - point.y) * zoom;
      return listed().filter((mark) => away(mark) <= reach).sort((a, b) => away(a) - away(b))[0];
    },
    setDraft(value) { draft = value; draw(); },
    setCursor(value) { cursor = value; draw(); },
    get cursor() { return cursor; },
    removeLast() {
      const mine = listed().filter((mark) => !mark.faint);
      if (mine.length) store.change((doc) => mine[mine.length - 1].remove(doc));
      return mine.length > 0;
    },
    addPoint(point, positive) {
      store.change((doc) => {
        const object = doc.objects[doc.active];
        refine(object);
        object.points.push({ x: point.x, y: point.y, positive });
      });
    },
    addBox(box, positive) {
      store.change((doc) => {
        if (store.settings.mode === "objects") {
          const object = doc.objects[doc.active];
          refine(object);
          object.box = box;
          return;
        }
        if (!doc.concepts.length || doc.active >= doc.concepts.length) {
          doc.concepts.push({ text: null, exemplars: [], threshold: null });
          doc.active = doc.concepts.length - 1;
        }
        doc.concepts[doc.active].exemplars.push({ box, positive });
      });
    },
  };

  // A mask that was chosen by hand is what further prompts refine.
  function refine(object) {
    if (object.choice > 0) {
      const { points, box, choice, base } = object;
      object.base = { points: [...points], box, choice, base };
      object.choice = 0;
    }
  }
}
