// Wires the parts together.

const refs = {};
for (const node of element.querySelectorAll("[data-ref]")) refs[node.dataset.ref] = node;
const setup = props.setup;
const store = createStore(setup);
const view = createView(refs);
const prompts = createPrompts(refs, store, view);
const results = createResults(refs, view);
const images = createImages(refs, setup, view, say);
const found = createFound(refs, setup, store, results);
const concepts = createConcepts(refs, setup, store, results, { run, say });
const objects = createObjects(refs, setup, store, prompts);
const gestures = createGestures(refs, store, view, prompts, { hover, click, box });
const keep = createKeep();
const link = createLink(props, trigger, watch, {
  pending, lost, answer: applyAnswer, failed, gone, stage, preview: images.preview, status: showStatus,
  back: () => location.reload(),
});
const shown = { concepts: null, objects: null }; // the last answer of each tab
let startedAt = 0;
let busyTimer = null;
let galleryFor = null;
let sentAgainAt = -Infinity;

function say(text, kind = "") {
  refs.message.textContent = text;
  refs.message.className = "message " + kind;
}

function ask() {
  const { settings } = store;
  const step = (object) => (object && (object.points.length || object.box)
    ? { points: object.points, box: object.box, choice: object.choice, base: object.base }
    : null);
  const doc = store.of("objects");
  const concept = settings.mode === "concepts";
  return {
    image: images.current.data,
    preview: images.current.preview,
    mode: settings.mode,
    concepts: concept ? store.of("concepts").concepts : [],
    objects: concept ? [] : doc.objects.map((one) => ({ name: one.name, step: step(one) })),
    active: concept ? 0 : doc.active,
    score_threshold: settings.score_threshold,
    iou_threshold: settings.iou_threshold,
    cleanup: settings.cleanup,
    style: { ...settings.style, label_scale: labelScale() },
    hidden: settings.hidden[settings.mode],
  };
}

// Letters grow with the image; where it is shown small they need to be larger. In coarse
// steps, so that a resized window is not a new question each time.
function labelScale() {
  const longest = Math.max(refs.viewport.clientWidth, refs.viewport.clientHeight);
  return longest < 500 ? 2 : longest < 760 ? 1.5 : 1;
}

function send() {
  if (images.current && link.send(ask())) startedAt = performance.now();
}

function run() {
  if (!images.current) say("Open an image first.", "error");
  send();
}

// `data-asked` and `data-shown` are equal when what is asked for is on the screen.
function pending(on, serial) {
  clearTimeout(busyTimer);
  if (on) {
    refs.bench.dataset.asked = serial;
    keep.asking(store.snapshot());
  } else {
    keep.answered();
  }
  if (on) {
    busyTimer = setTimeout(() => {
      refs.bench.classList.add("working");
      results.setStale(true);
    }, 200);
  } else {
    refs.bench.classList.remove("working");
    refs.busyText.textContent = "";
    results.setStale(false);
  }
}

function stage(text) {
  refs.busyText.textContent = text + "…";
}

function failed(text) {
  refs.bench.dataset.shown = refs.bench.dataset.asked;
  say(text, "error");
  if (shown[store.settings.mode]) results.setStale(true);
}

// The server no longer has the image: it gets it once more, and the same question.
async function gone(text) {
  const now = performance.now();
  if (now - sentAgainAt < 10_000) {
    failed(text);
    return;
  }
  sentAgainAt = now;
  try {
    await images.again();
    send();
  } catch (error) {
    failed(`The image could not be uploaded again: ${error.message || error}`);
  }
}

function lost() {
  refs.busyText.textContent = "Trying again…";
  say("The connection to the playground is lost. Image and prompts are kept.", "error");
}

async function applyAnswer(answer, latest) {
  if (answer.mode !== store.settings.mode) return;
  shown[answer.mode] = answer;
  images.confirm(answer.image_size);
  if (!(await results.show(answer))) return;
  found.draw(answer);
  if (answer.mode === "concepts") concepts.setRows(answer.rows);
  else objects.setCandidates(answer.candidates);
  if (!latest) {
    results.setStale(true);
    return;
  }
  const { encode_ms, prompt_ms, total_ms, network_calls } = answer.timings;
  const network = network_calls
    ? `${encode_ms ? `encoding ${encode_ms} ms · ` : ""}prompt ${prompt_ms} ms`
    : "from the cache, the network did not run";
  const seen = Math.round(performance.now() - startedAt);
  refs.timing.textContent = `${network} · server ${total_ms} ms · on screen after ${seen} ms`;
  refs.timing.dataset.networkCalls = network_calls;
  say(summary(answer));
  refs.bench.dataset.shown = answer.serial;
}

function summary(answer) {
  if (answer.mode === "objects") return "";
  if (!answer.rows.length) return "Type words, or drag a box around an example.";
  return answer.rows.map((row) => {
    if (row.instances.length) return `${row.label}: ${row.instances.length}`;
    if (row.best !== null && row.best >= row.threshold) return `${row.label}: nothing left of it`;
    const best = row.best === null ? "no candidate" : `the best was ${row.best.toFixed(2)}`;
    return `${row.label}: nothing above ${row.threshold.toFixed(2)}, ${best}`;
  }).join(" · ");
}

function hover(point) {
  const number = point && results.numberAt(point);
  found.light(number || null, false);
}

function click(point, positive, reach) {
  const near = prompts.near(point, reach);
  if (near) store.change((doc) => near.remove(doc));
  else if (!view.inside(point)) return;
  else if (store.settings.mode === "objects") prompts.addPoint(point, positive);
  else if (results.numberAt(point)) found.reveal(results.numberAt(point));
  else say("Drag a box around an example, or type words. For clicks take the tab Objects.");
}

function box(edges, positive) {
  if (store.settings.mode === "objects" && !positive) {
    say("A box always includes here: exclude with − points.", "error");
    return;
  }
  if (store.settings.mode === "concepts" && refs.words.value.trim() && !store.now.concepts.length) {
    concepts.run(); // words that were typed but not yet sent are what the box belongs to
  }
  prompts.addBox(edges, positive);
}

function setMode(mode) {
  if (mode === store.settings.mode) return;
  store.settings.mode = mode;
  showMode(mode);
  gestures.cancel();
  results.clear();
  found.clear();
  say("");
  store.tell();
}

function showMode(mode) {
  refs.bench.dataset.mode = mode;
  for (const tab of element.querySelectorAll("[data-mode-tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.modeTab === mode));
  }
}

function setSign(positive) {
  store.settings.positive = positive;
  refs.bench.dataset.sign = positive ? "plus" : "minus";
  element.querySelector("[data-do=plus]").setAttribute("aria-checked", String(positive));
  element.querySelector("[data-do=minus]").setAttribute("aria-checked", String(!positive));
}

const commands = {
  ...images.actions,
  plus: () => setSign(true),
  minus: () => setSign(false),
  undo: () => store.undo(),
  redo: () => store.redo(),
  clear: () => store.clear(),
  zoomIn: () => view.zoomBy(1.4),
  zoomOut: () => view.zoomBy(1 / 1.4),
  fit: view.fit,
  pan() {
    gestures.setPanning(!gestures.panning);
    element.querySelector("[data-do=pan]").setAttribute("aria-pressed", String(gestures.panning));
  },
  run() { if (store.settings.mode === "concepts") concepts.run(); else run(); },
  newConcept: concepts.newConcept,
  newObject: objects.newObject,
  new() { commands[store.settings.mode === "concepts" ? "newConcept" : "newObject"](); },
  cycle() { if (store.settings.mode === "objects") objects.cycle(); },
  concepts: () => setMode("concepts"),
  objects: () => setMode("objects"),
  help: () => refs.help.showModal(),
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do], [data-mode-tab]");
  if (!button) return;
  if (button.dataset.modeTab) setMode(button.dataset.modeTab);
  else commands[button.dataset.do]();
});
createKeys(refs, store, view, prompts, gestures, {
  hover, click, box, say, do: (name) => commands[name](),
});

createCleanup(store);
refs.opacity.value = store.settings.style.opacity;
refs.opacity.oninput = () => { store.settings.style.opacity = Number(refs.opacity.value); store.tell(); };
refs.colourBy.onchange = () => { store.settings.style.colour_by = refs.colourBy.value; store.tell(); };
for (const check of element.querySelectorAll("[data-style]")) {
  check.onchange = () => { store.settings.style[check.dataset.style] = check.checked; store.tell(); };
}

function showStatus(status) {
  refs.status.dataset.state = status.state;
  const start = { loading: "Loading: ", failed: "No weights: ", ready: "" }[status.state];
  const advice = status.bundled && status.note ? " · how to get the real weights" : "";
  const more = status.fallback ? " · the weights asked for failed" : advice;
  refs.statusLine.textContent = start + status.message + more;
  refs.statusNote.textContent = status.note || "Nothing more to say about the weights.";
  refs.status.classList.toggle("noted", Boolean(status.note));
  if (galleryFor !== status.bundled) images.gallery(status.bundled);
  galleryFor = status.bundled;
}

images.listen(({ example, kept }) => {
  if (!kept) keep.image(images.current.file);
  link.forget();
  shown.concepts = shown.objects = null;
  results.clear();
  found.clear();
  concepts.setRows([]);
  objects.setCandidates([]);
  if (kept) {
    showMode(kept.settings.mode);
    setSign(kept.settings.positive);
    store.restore(kept);
    say("The connection is back.");
    return;
  }
  store.reset();
  if (example && store.settings.mode === "concepts") concepts.setWords(example.concepts);
  else if (example && example.click) prompts.addPoint({ x: example.click[0], y: example.click[1] }, true);
  send();
});

store.listen(() => {
  element.querySelector("[data-do=undo]").disabled = !store.canUndo;
  element.querySelector("[data-do=redo]").disabled = !store.canRedo;
  refs.opacityOut.textContent = store.settings.style.opacity.toFixed(2);
  send();
});
view.listen(() => { refs.zoomLevel.textContent = view.at.fitted ? "Fit" : Math.round(view.zoom * 100) + "%"; });
objects.setCandidates([]);
showStatus(props.status);
store.tell();
refs.bench.dataset.ready = "";
keep.recall().then((entry) => { if (entry) images.open(entry.file, { kept: entry.state }); });
