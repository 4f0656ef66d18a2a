// The elements of canvas.html that scripts touch, by name and kind.

/** @typedef {ReturnType<typeof partsOf>} Parts */

/** @param {Element} element */
export function partsOf(element) {
  /**
   * @template {Element} Kind
   * @param {string} name
   * @param {new () => Kind} kind
   */
  function part(name, kind) {
    const node = element.querySelector(`[data-ref="${name}"]`);
    if (node instanceof kind) return node;
    throw new TypeError(`expected a ${kind.name} with the name ${name}, got ${node}`);
  }
  return {
    bench: part("bench", HTMLElement),
    status: part("status", HTMLElement),
    hint: part("hint", HTMLElement),
    closed: part("closed", HTMLElement),
    statusLine: part("statusLine", HTMLElement),
    statusNote: part("statusNote", HTMLElement),
    viewport: part("viewport", HTMLElement),
    stage: part("stage", HTMLElement),
    base: part("base", HTMLImageElement),
    changed: part("changed", HTMLCanvasElement),
    overlay: part("overlay", HTMLImageElement),
    draft: part("draft", HTMLCanvasElement),
    glow: part("glow", HTMLCanvasElement),
    labels: part("labels", SVGElement),
    wipe: part("wipe", HTMLButtonElement),
    view: part("view", HTMLSelectElement),
    compare: part("compare", HTMLButtonElement),
    marks: part("marks", SVGElement),
    tryLine: part("tryLine", HTMLElement),
    busyText: part("busyText", HTMLElement),
    message: part("message", HTMLElement),
    timing: part("timing", HTMLElement),
    gallery: part("gallery", HTMLElement),
    empty: part("empty", HTMLElement),
    examples: part("examples", HTMLElement),
    album: part("album", HTMLElement),
    strip: part("strip", HTMLElement),
    place: part("place", HTMLElement),
    shared: part("shared", HTMLInputElement),
    sharedField: part("sharedField", HTMLElement),
    closeOne: part("closeOne", HTMLButtonElement),
    closeAll: part("closeAll", HTMLButtonElement),
    bringBack: part("bringBack", HTMLButtonElement),
    runAll: part("runAll", HTMLButtonElement),
    running: part("running", HTMLElement),
    runBar: part("runBar", HTMLProgressElement),
    runFar: part("runFar", HTMLElement),
    arriving: part("arriving", HTMLElement),
    keptNote: part("keptNote", HTMLElement),
    refused: part("refused", HTMLElement),
    refusedTitle: part("refusedTitle", HTMLElement),
    refusedList: part("refusedList", HTMLElement),
    zoomLevel: part("zoomLevel", HTMLElement),
    words: part("words", HTMLTextAreaElement),
    wordsNote: part("wordsNote", HTMLElement),
    legend: part("legend", HTMLElement),
    score: part("score", HTMLInputElement),
    scoreOut: part("scoreOut", HTMLElement),
    nms: part("nms", HTMLSelectElement),
    iou: part("iou", HTMLInputElement),
    iouOut: part("iouOut", HTMLElement),
    candidates: part("candidates", HTMLElement),
    total: part("total", HTMLElement),
    instances: part("instances", HTMLElement),
    mendTools: part("mendTools", HTMLElement),
    mending: part("mending", HTMLElement),
    mendingName: part("mendingName", HTMLElement),
    objectName: part("objectName", HTMLInputElement),
    removeObject: part("removeObject", HTMLButtonElement),
    mendDone: part("mendDone", HTMLButtonElement),
    mendingChips: part("mendingChips", HTMLElement),
    opacity: part("opacity", HTMLInputElement),
    opacityOut: part("opacityOut", HTMLElement),
    colourBy: part("colourBy", HTMLSelectElement),
    file: part("file", HTMLInputElement),
    folder: part("folder", HTMLInputElement),
    help: part("help", HTMLDialogElement),
    helpBody: part("helpBody", HTMLElement),
    urlDialog: part("urlDialog", HTMLDialogElement),
    urlForm: part("urlForm", HTMLFormElement),
    url: part("url", HTMLInputElement),
    urlError: part("urlError", HTMLElement),
    weights: part("weights", HTMLDialogElement),
    weightsRun: part("weightsRun", HTMLElement),
    weightsKnow: part("weightsKnow", HTMLElement),
    weightsWords: part("weightsWords", HTMLElement),
    weightsError: part("weightsError", HTMLElement),
    weightsComing: part("weightsComing", HTMLElement),
    weightsOwner: part("weightsOwner", HTMLElement),
    weightsHere: part("weightsHere", HTMLElement),
    weightsForm: part("weightsForm", HTMLFormElement),
    weightsSource: part("weightsSource", HTMLInputElement),
    weightsSources: part("weightsSources", HTMLElement),
    weightsTokenField: part("weightsTokenField", HTMLElement),
    weightsToken: part("weightsToken", HTMLInputElement),
    weightsLicence: part("weightsLicence", HTMLElement),
    weightsLicenceText: part("weightsLicenceText", HTMLElement),
    weightsAccept: part("weightsAccept", HTMLInputElement),
    weightsGet: part("weightsGet", HTMLButtonElement),
    weightsFetching: part("weightsFetching", HTMLElement),
    weightsBar: part("weightsBar", HTMLProgressElement),
    weightsFar: part("weightsFar", HTMLElement),
    weightsStranger: part("weightsStranger", HTMLElement),
    save: part("save", HTMLDialogElement),
    saveForm: part("saveForm", HTMLFormElement),
    saveAll: part("saveAll", HTMLInputElement),
    saveAllField: part("saveAllField", HTMLElement),
    saveAllText: part("saveAllText", HTMLElement),
    saveWhat: part("saveWhat", HTMLElement),
    saveFormats: part("saveFormats", HTMLElement),
    saveError: part("saveError", HTMLElement),
    saveNow: part("saveNow", HTMLButtonElement),
    saving: part("saving", HTMLElement),
    savedBytes: part("savedBytes", HTMLElement),
    copyPicture: part("copyPicture", HTMLButtonElement),
    code: part("code", HTMLDialogElement),
    codeNote: part("codeNote", HTMLElement),
    codeLanguage: part("codeLanguage", HTMLSelectElement),
    codeText: part("codeText", HTMLTextAreaElement),
    codeError: part("codeError", HTMLElement),
    codeDone: part("codeDone", HTMLElement),
    copyCode: part("copyCode", HTMLButtonElement),
    share: part("share", HTMLDialogElement),
    shareWhat: part("shareWhat", HTMLElement),
    shareLink: part("shareLink", HTMLTextAreaElement),
    shareError: part("shareError", HTMLElement),
    shareDone: part("shareDone", HTMLElement),
    copyLink: part("copyLink", HTMLButtonElement),
    savePrompts: part("savePrompts", HTMLButtonElement),
    parcel: part("parcel", HTMLElement),
    parcelText: part("parcelText", HTMLElement),
    parcelOpen: part("parcelOpen", HTMLButtonElement),
    parcelApply: part("parcelApply", HTMLButtonElement),
    parcelForget: part("parcelForget", HTMLButtonElement),
    camDialog: part("camDialog", HTMLDialogElement),
    camError: part("camError", HTMLElement),
    video: part("video", HTMLVideoElement),
  };
}

/**
 * All elements of a kind that carry an attribute, with its value.
 * @template {HTMLElement} Kind
 * @param {Element} element
 * @param {string} attribute
 * @param {new () => Kind} kind
 * @returns {{ node: Kind, name: string }[]}
 */
export function named(element, attribute, kind) {
  return [...element.querySelectorAll(`[${attribute}]`)].flatMap((node) =>
    node instanceof kind ? [{ node, name: node.getAttribute(attribute) ?? "" }] : [],
  );
}
