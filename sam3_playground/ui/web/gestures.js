// Pointers to prompts: mouse, pen and touch alike.

const LEAST_DRAG = 5;

function createGestures(refs, store, view, prompts, actions) {
  const { viewport } = refs;
  const pointers = new Map();
  let gesture = null; // {kind: "draw" | "pan" | "pinch", ...}
  let space = false;
  let panning = false;

  const boxOf = (a, b) => {
    const clamp = (value, most) => Math.min(most, Math.max(0, value));
    const { width, height } = view.at;
    return [
      clamp(Math.min(a.x, b.x), width), clamp(Math.min(a.y, b.y), height),
      clamp(Math.max(a.x, b.x), width), clamp(Math.max(a.y, b.y), height),
    ];
  };
  // The switch says what a plain click does; right button and Shift do the other.
  const signOf = (event) => store.settings.positive !== (event.button === 2 || event.shiftKey);
  const middle = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, away: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  function cancel() {
    const drawing = gesture !== null;
    gesture = null;
    prompts.setDraft(null);
    viewport.classList.remove("grabbing");
    return drawing;
  }

  function down(event) {
    if (!view.at.width || event.target.closest("button")) return;
    viewport.focus({ preventScroll: true });
    event.preventDefault();
    viewport.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.size === 2) {
      cancel();
      gesture = { kind: "pinch", ...middle() };
    } else if (pointers.size > 2) {
      cancel();
    } else if (event.button === 1 || space || panning) {
      gesture = { kind: "pan", x: event.clientX, y: event.clientY };
      viewport.classList.add("grabbing");
    } else {
      gesture = {
        kind: "draw", positive: signOf(event), x: event.clientX, y: event.clientY,
        from: view.toImage(event.clientX, event.clientY), moved: false,
        reach: event.pointerType === "touch" ? 18 : 11,
      };
    }
  }

  function move(event) {
    if (pointers.has(event.pointerId)) {
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    }
    if (!gesture) {
      if (event.pointerType !== "touch") actions.hover(view.toImage(event.clientX, event.clientY));
      return;
    }
    if (gesture.kind === "pan") {
      view.panBy(event.clientX - gesture.x, event.clientY - gesture.y);
      Object.assign(gesture, { x: event.clientX, y: event.clientY });
    } else if (gesture.kind === "pinch" && pointers.size === 2) {
      const now = middle();
      view.panBy(now.x - gesture.x, now.y - gesture.y);
      if (gesture.away > 0) view.zoomAt(now.x, now.y, now.away / gesture.away);
      Object.assign(gesture, now);
    } else if (gesture.kind === "draw") {
      const far = Math.hypot(event.clientX - gesture.x, event.clientY - gesture.y) >= LEAST_DRAG;
      gesture.moved = gesture.moved || far;
      if (gesture.moved) {
        const box = boxOf(gesture.from, view.toImage(event.clientX, event.clientY));
        prompts.setDraft({ box, positive: gesture.positive });
      }
    }
  }

  function up(event) {
    pointers.delete(event.pointerId);
    const done = gesture;
    if (!done) return;
    if (done.kind === "pinch") {
      if (pointers.size === 0) gesture = null;
      return;
    }
    cancel();
    if (done.kind !== "draw") return;
    if (!done.moved) {
      actions.click(done.from, done.positive, done.reach);
      return;
    }
    const box = boxOf(done.from, view.toImage(event.clientX, event.clientY));
    if (box[2] - box[0] >= 1 && box[3] - box[1] >= 1) actions.box(box, done.positive);
  }

  viewport.addEventListener("pointerdown", down);
  viewport.addEventListener("pointermove", move);
  viewport.addEventListener("pointerup", up);
  viewport.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    cancel();
  });
  viewport.addEventListener("pointerleave", () => { if (!gesture) actions.hover(null); });
  viewport.addEventListener("contextmenu", (event) => event.preventDefault());
  // A middle click would start the browser's own scrolling.
  viewport.addEventListener("mousedown", (event) => {
    if (event.button === 1) event.preventDefault();
  });
  viewport.addEventListener("wheel", (event) => {
    if (!view.at.width) return;
    event.preventDefault();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    view.zoomAt(event.clientX, event.clientY, Math.exp(-pixels / (event.ctrlKey ? 120 : 480)));
  }, { passive: false });

  return {
    cancel,
    boxOf,
    setSpace(value) { space = value; viewport.classList.toggle("grab", space || panning); },
    setPanning(value) { panning = value; viewport.classList.toggle("grab", space || panning); },
    get panning() { return panning; },
  };
}
