// The keyboard: everything that a pointer can do, and the list of it on "?".

const KEYS = [
  ["Drag", "Draw a box"],
  ["Click", "Set a point (Objects); mark an instance (Concepts)"],
  ["Right button, Shift", "Exclude instead of include"],
  ["Click on a point or badge", "Remove it"],
  ["Wheel, pinch", "Zoom where the pointer is"],
  ["Middle button, Space + drag, two fingers", "Move the image"],
  ["Enter", "Run"],
  ["+  -", "Include, exclude"],
  ["Ctrl+Z  Ctrl+Shift+Z  Ctrl+Y", "Undo, redo"],
  ["Delete", "Remove the last prompt"],
  ["Esc", "Give up what is being drawn"],
  ["Arrows", "Move the cross (with Alt: the image; with Shift: pixel by pixel)"],
  ["P", "A point at the cross"],
  ["B", "A box from the cross, and again to end it"],
  ["I  O  F  H", "Zoom in, zoom out, fit, pan by dragging"],
  ["N", "New object, or a concept of boxes only"],
  ["C", "The next of the three masks"],
  ["1  2", "Concepts, Objects"],
  ["?", "This list"],
];

function createKeys(refs, store, view, prompts, gestures, actions) {
  const table = make("table");
  for (const [keys, meaning] of KEYS) {
    const row = make("tr");
    const head = make("th");
    keys.split("  ").forEach((key) => head.append(make("kbd", {}, key), " "));
    row.append(head, make("td", {}, meaning));
    table.append(row);
  }
  refs.helpBody.append(make("h2", {}, "Keys and gestures"), table);

  let corner = null; // of a box that is drawn by keys

  function cross() {
    if (prompts.cursor) return prompts.cursor;
    return { x: view.at.width / 2, y: view.at.height / 2 };
  }

  function arrow(key, event) {
    const [dx, dy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[key];
    if (event.altKey) {
      view.panBy(-48 * dx, -48 * dy);
      return;
    }
    const step = event.shiftKey ? 1 : Math.max(1, Math.round(12 / view.zoom));
    const from = cross();
    const to = {
      x: Math.min(view.at.width - 0.5, Math.max(0.5, from.x + dx * step)),
      y: Math.min(view.at.height - 0.5, Math.max(0.5, from.y + dy * step)),
    };
    prompts.setCursor(to);
    if (corner) {
      prompts.setDraft({ box: gestures.boxOf(corner, to), positive: store.settings.positive });
    }
    actions.hover(to);
  }

  function box() {
    const here = cross();
    if (!corner) {
      corner = here;
      prompts.setCursor(here);
      actions.say("Move the cross with the arrows, then press B again.");
      return;
    }
    const drawn = gestures.boxOf(corner, here);
    corner = null;
    prompts.setDraft(null);
    if (drawn[2] - drawn[0] >= 1 && drawn[3] - drawn[1] >= 1) {
      actions.box(drawn, store.settings.positive);
    }
  }

  function point() {
    prompts.setCursor(cross());
    actions.click(cross(), store.settings.positive, 2);
  }

  function escape() {
    corner = null;
    gestures.cancel();
    prompts.setCursor(null);
  }

  const plain = {
    "+": () => actions.do("plus"), "=": () => actions.do("plus"),
    "-": () => actions.do("minus"), _: () => actions.do("minus"),
    enter: () => actions.do("run"), escape, delete: prompts.removeLast, backspace: prompts.removeLast,
    p: point, b: box, i: () => view.zoomBy(1.4), o: () => view.zoomBy(1 / 1.4), f: view.fit,
    h: () => actions.do("pan"), n: () => actions.do("new"), c: () => actions.do("cycle"),
    1: () => actions.do("concepts"), 2: () => actions.do("objects"), "?": () => actions.do("help"),
  };

  function typing(target) {
    return target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, dialog");
  }

  document.addEventListener("keydown", (event) => {
    if (!refs.bench.isConnected || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      const action = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : null;
      if (action) {
        event.preventDefault();
        actions.do(action);
      }
      return;
    }
    const inImage = event.target === refs.viewport || event.target === document.body;
    if (key.startsWith("arrow")) {
      if (!inImage || !view.at.width) return;
      event.preventDefault();
      arrow(key.slice(5), event);
    } else if (key === " ") {
      if (!inImage) return;
      event.preventDefault();
      gestures.setSpace(true);
    } else if (plain[key] && !event.altKey) {
      // On a button, Enter is the button's own.
      if (key === "enter" && !inImage) return;
      event.preventDefault();
      plain[key]();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") gestures.setSpace(false);
  });
}
