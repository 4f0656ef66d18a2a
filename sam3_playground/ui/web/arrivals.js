// Ways for images to come in: files, a folder, drop, paste, webcam, URL, example, and prompts with
// an image of their own. All end in Files.

/** @import { Picture } from "./album.d.ts" */
/** @import { Parcel } from "./parcel.d.ts" */
/** @import { Example, Say } from "./types.d.ts" */
/** @import { Fetched } from "./fetched.js" */
/** @import { Images } from "./images.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Refused } from "./refusals.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Waiting } from "./waiting.js" */
import { createCamera } from "./camera.js";
import { droppedFiles } from "./dropped.js";
import { messageOf } from "./errors.js";
import { createRefusals } from "./refusals.js";
import { isFinal } from "./server.js";
import { mayBeParcel } from "./state/parcel.js";
import { randomId } from "./tab.js";

/**
 * Where an image comes from: an example, a URL, or prompts that are for it.
 * @typedef {{ example?: Example, url?: string, parcel?: Parcel }} From
 */

/** The most images of a tab. */
const MOST = 500;
const KNOWN_ENDS = /\.(?:jpe?g|png|gif|webp|bmp|avif|heic|heif|tiff?|jp2|p[bgnp]m)$/iu;
const TEXT_FIELD =
  "textarea, input:not([type=range]):not([type=checkbox]):not([type=radio]):not([type=file])";

/**
 * @param {Parts} parts
 * @param {Images} images
 * @param {Album<Picture>} album
 * @param {{ fetched: Fetched, waiting: Waiting }} others
 * @param {Say} say
 */
export function createArrivals(parts, images, album, { fetched, waiting }, say) {
  const { report, closeRefused } = createRefusals(parts);

  /** @param {File[]} files */
  async function bring(files) {
    const { pictures, parcels, refused } = await waiting.read(files);
    const count = pictures.length + refused.length;
    if (count > 1) await bringMany(pictures, refused);
    else if (count) await (pictures.length ? bringOne(pictures[0]) : refuse(refused[0]));
    for (const parcel of parcels) {
      // biome-ignore lint/performance/noAwaitInLoops: one image after the other
      if (waiting.has(parcel)) await receive(parcel);
    }
  }

  /** @param {Refused} file */
  const refuse = ({ name, why }) =>
    say(`${name} could not be opened: ${why}. All stays as it was.`, "error");

  /**
   * @param {File} file
   * @param {From} [from]
   */
  async function open(file, { example, url = "", parcel } = {}) {
    const image = newPicture(file, url, example?.name ?? parcel?.image.example);
    if (album.list.length >= MOST) throw tooMany();
    const own = parcel ? { parcel, sure: true } : await waiting.find(file, true);
    if (own) image.state = waiting.state(own);
    await images.open(image, { example, handed: own !== null });
    if (own) waiting.done(own, image);
  }

  /**
   * @param {File} file
   * @param {From} [from]
   */
  async function bringOne(file, from) {
    try {
      await open(file, from);
    } catch (error) {
      refuse({ name: file.name || "image", why: messageOf(error) });
    }
  }

  /**
   * Prompts with their image, where the server has it; else they wait for it.
   * @param {Parcel} parcel
   */
  async function receive(parcel) {
    const { name, url, example } = parcel.image;
    let why = "";
    try {
      const file = await fetched.of(parcel.image);
      if (file) {
        await open(file, { url: example ? "" : url, parcel });
        return;
      }
    } catch (error) {
      why = `${name} could not be opened: ${messageOf(error)}.`;
    }
    await waiting.hold(parcel, why);
  }

  /**
   * @param {File[]} files that came together
   * @param {Refused[]} refused that came with them
   */
  async function bringMany(files, refused) {
    const total = files.length + refused.length;
    let first = true;
    if (album.list.length < 2 && !waiting.any) album.share(true);
    for (const [place, file] of files.entries()) {
      parts.arriving.textContent = `Opening ${place + 1} of ${files.length}…`;
      const image = newPicture(file);
      try {
        if (album.list.length >= MOST) throw tooMany();
        if (!mayBeImage(file)) throw new Error("it is no image");
        // biome-ignore lint/performance/noAwaitInLoops: one after the other, for the memory's sake
        await joinOthers(image, first);
        first = false;
      } catch (error) {
        refused.push({ name: image.name, why: messageOf(error) });
      }
    }
    parts.arriving.textContent = "";
    report(refused, total);
    const none = refused.length > 0 && !(images.current || images.opening);
    if (none) say("None of these files could be opened.", "error");
  }

  /**
   * @param {Picture} image
   * @param {boolean} first whether to show it
   */
  async function joinOthers(image, first) {
    await images.check(image);
    const own = await waiting.find(image.file, false);
    if (own) image.state = waiting.state(own);
    const handed = own !== null;
    if (first) await images.open(image, { handed }).catch((error) => later(image, error));
    else images.join(image);
    if (own) waiting.done(own, image);
  }

  /**
   * The server is not there, or busy: what the browser can open is kept for later.
   * @param {Picture} image
   * @param {unknown} error
   */
  function later(image, error) {
    if (isFinal(error)) throw error;
    image.fault = messageOf(error);
    images.join(image);
  }

  async function openUrl() {
    parts.urlError.textContent = "Fetching…";
    try {
      const url = parts.url.value;
      const file = await fetched.url(url);
      parts.urlDialog.close();
      await bringOne(file, { url });
    } catch (error) {
      parts.urlError.textContent = messageOf(error);
    }
  }

  /** @param {HTMLInputElement} input */
  const chooses = (input) => {
    input.onchange = () => {
      const files = [...(input.files ?? [])].filter(isVisible).sort(byPath);
      input.value = ""; // the same file may be opened again
      if (files.length) bring(files);
    };
  };
  chooses(parts.file);
  chooses(parts.folder);

  /** @param {DragEvent} event */
  const bringsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  parts.bench.addEventListener("dragover", (event) => {
    if (inField(event.target) && !bringsFiles(event)) return;
    event.preventDefault();
    parts.viewport.classList.add("dropping");
  });
  parts.bench.addEventListener("dragleave", ({ relatedTarget }) => {
    const inside = relatedTarget instanceof Node && parts.bench.contains(relatedTarget);
    if (!inside) parts.viewport.classList.remove("dropping");
  });
  parts.bench.addEventListener("drop", async (event) => {
    parts.viewport.classList.remove("dropping");
    if (inField(event.target) && !bringsFiles(event)) return; // text, for the field
    event.preventDefault();
    const files = event.dataTransfer ? await droppedFiles(event.dataTransfer) : [];
    if (files.length) bring(files.filter((file) => files.length === 1 || isVisible(file)));
    else say("Expected image files to be dropped.", "error");
  });
  document.addEventListener("paste", (event) => {
    const dialog = document.querySelector("dialog[open]");
    if (dialog && dialog !== parts.urlDialog) return;
    // In a field, text is what was meant, even where a picture of it came along.
    if (inField(event.target) && event.clipboardData?.types.includes("text/plain")) return;
    const files = [...(event.clipboardData?.files ?? [])].filter(
      (file) => mayBeImage(file) || mayBeParcel(file),
    );
    if (!files.length) return;
    event.preventDefault();
    parts.urlDialog.close();
    bring(files);
  });
  parts.urlForm.onsubmit = (event) => {
    event.preventDefault();
    openUrl();
  };

  return {
    receive,
    /** @param {Example} entry */
    async example(entry) {
      say(`Opening ${entry.title}…`);
      try {
        await bringOne(await fetched.example(entry.name), { example: entry });
      } catch (error) {
        say(`The example could not be opened: ${messageOf(error)}`, "error");
      }
    },
    commands: {
      open: () => parts.file.click(),
      openFolder: () => parts.folder.click(),
      closeRefused,
      ...createCamera(parts, (file) => bringOne(file)),
      url() {
        parts.urlError.textContent = "";
        parts.urlDialog.showModal();
        parts.url.focus();
      },
      closeUrl: () => parts.urlDialog.close(),
    },
  };
}

const tooMany = () => new Error(`expected at most ${MOST} images at once: close some first`);

/**
 * @param {File} file
 * @param {string} [url] where it was fetched from
 * @param {string} [example] the name of the one that it is
 * @returns {Picture}
 */
const newPicture = (file, url = "", example = "") => ({
  id: randomId(),
  name: file.name || "image",
  url,
  example,
  file,
  upload: null,
  state: null,
  thumb: "",
  counts: null,
  fault: "",
});

/**
 * Whether it is worth a look: what it is, its bytes say.
 * @param {File} file
 */
const mayBeImage = ({ name, type }) =>
  type.startsWith("image/") || KNOWN_ENDS.test(name) || !(type || name.includes("."));

/**
 * Systems put files of their own into folders.
 * @param {File} file
 */
const isVisible = ({ name }) => !name.startsWith(".");

/**
 * Folders come in no order; files of a choice have no path and stay in theirs.
 * @param {File} one
 * @param {File} other
 */
const byPath = ({ webkitRelativePath: one }, { webkitRelativePath: other }) =>
  one.localeCompare(other, "en", { numeric: true });

/** @param {EventTarget | null} target */
const inField = (target) => target instanceof Element && target.matches(TEXT_FIELD);
