// Ways for images to come in: files, a folder, drop, paste, webcam, URL, example. All end in Files.

/** @import { Picture } from "./album.d.ts" */
/** @import { Example, Say, Setup } from "./types.d.ts" */
/** @import { Images, Reason } from "./images.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
import { createCamera } from "./camera.js";
import { droppedFiles } from "./dropped.js";
import { messageOf } from "./errors.js";
import { arrange, make } from "./nodes.js";
import { asked, isFinal } from "./server.js";
import { randomId } from "./tab.js";

/** The most images of a tab. */
const MOST = 500;
/** Lines of the list of what was not opened. */
const MOST_LINES = 100;
const KNOWN_ENDS = /\.(?:jpe?g|png|gif|webp|bmp|avif|heic|heif|tiff?|jp2|p[bgnp]m)$/iu;
const TEXT_FIELD =
  "textarea, input:not([type=range]):not([type=checkbox]):not([type=radio]):not([type=file])";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Images} images
 * @param {Album<Picture>} album
 * @param {Say} say
 */
export function createArrivals(parts, setup, images, album, say) {
  /**
   * @param {File[]} files
   * @param {Reason} [reason]
   */
  function bring(files, reason) {
    return files.length === 1 ? bringOne(files[0], reason) : bringMany(files);
  }

  /**
   * @param {File} file
   * @param {Reason} [reason]
   * @param {string} [url] where it was fetched from
   */
  async function bringOne(file, reason, url = "") {
    const image = newPicture(file, url);
    try {
      if (album.list.length >= MOST) throw tooMany();
      await images.open(image, reason);
    } catch (error) {
      say(`${image.name} could not be opened: ${messageOf(error)}. All stays as it was.`, "error");
    }
  }

  /** @param {File[]} files that came together */
  async function bringMany(files) {
    /** @type {{ name: string, why: string }[]} */
    const refused = [];
    let first = true;
    if (album.list.length < 2) album.share(true);
    for (const [place, file] of files.entries()) {
      parts.arriving.textContent = `Opening ${place + 1} of ${files.length}…`;
      const image = newPicture(file);
      try {
        if (album.list.length >= MOST) throw tooMany();
        if (!mayBeImage(file)) throw new Error("it is no image");
        // biome-ignore lint/performance/noAwaitInLoops: one after the other, for the memory's sake
        await images.check(image);
        if (first) await images.open(image).catch((error) => later(image, error));
        else images.join(image);
        first = false;
      } catch (error) {
        refused.push({ name: image.name, why: messageOf(error) });
      }
    }
    parts.arriving.textContent = "";
    report(refused, files.length);
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

  /**
   * @param {{ name: string, why: string }[]} refused
   * @param {number} total
   */
  function report(refused, total) {
    parts.refused.hidden = !refused.length;
    if (!refused.length) return;
    parts.refusedTitle.textContent = `${refused.length} of ${total} files were not opened`;
    const lines = refused.slice(0, MOST_LINES).map(({ name, why }) => {
      const line = make("li", {});
      line.append(make("b", {}, name), `: ${why}`);
      return line;
    });
    const more = refused.length - lines.length;
    if (more > 0) lines.push(make("li", {}, `and ${more} more`));
    arrange(parts.refusedList, lines);
    if (!(images.current || images.opening)) say("None of these files could be opened.", "error");
  }

  /**
   * @param {Response} answer
   * @param {string} name
   * @param {{ reason?: Reason, url?: string }} [from]
   */
  async function bringAnswer(answer, name, { reason, url } = {}) {
    const blob = await answer.blob();
    await bringOne(new File([blob], name, { type: blob.type }), reason, url);
  }

  async function openUrl() {
    parts.urlError.textContent = "Fetching…";
    try {
      const answer = await asked(setup.paths.fetch, {
        method: "POST",
        body: JSON.stringify({ url: parts.url.value }),
        headers: { "Content-Type": "application/json" },
      });
      parts.urlDialog.close();
      await bringAnswer(answer, nameIn(parts.url.value), { url: parts.url.value });
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
    const files = [...(event.clipboardData?.files ?? [])].filter(mayBeImage);
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
    /** @param {Example} entry */
    async example(entry) {
      say(`Opening ${entry.title}…`);
      try {
        const answer = await asked(`${setup.paths.examples}/${encodeURIComponent(entry.name)}`);
        await bringAnswer(answer, entry.name, { reason: { example: entry } });
      } catch (error) {
        say(`The example could not be opened: ${messageOf(error)}`, "error");
      }
    },
    commands: {
      open: () => parts.file.click(),
      openFolder: () => parts.folder.click(),
      closeRefused() {
        parts.refused.hidden = true;
      },
      ...createCamera(parts, bringOne),
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
 * @returns {Picture}
 */
const newPicture = (file, url = "") => ({
  id: randomId(),
  name: file.name || "image",
  url,
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

/** @param {string} url */
function nameIn(url) {
  const last = URL.parse(url)?.pathname.split("/").at(-1);
  return last || "from-url";
}
