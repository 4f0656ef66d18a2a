// Ways for an image to come in: file, drop, paste, webcam, URL, example. All end in a File. The
// browser shows it where the server says that it shows what is segmented; else the server's picture.

/** @import { Example, Preview, Say, Setup, Snapshot } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { View } from "./view.js" */
import { createCamera } from "./camera.js";
import { messageOf } from "./errors.js";
import { make } from "./nodes.js";
import { asked } from "./server.js";

/** @typedef {ReturnType<typeof createImages>} Images */
/**
 * An image, the id of its upload, whether the server's picture of it has to be shown, and the URL
 * that it came from, empty where it came from none.
 * @typedef {{ file: File, data: string, preview: boolean, url: string }} OpenImage
 */
/**
 * Why an image was opened: an example, or what is kept of an earlier page, null where that is lost.
 * @typedef {{ example?: Example, kept?: Snapshot | null, url?: string }} Reason
 */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {View} view
 * @param {Say} say
 */
export function createImages(parts, setup, view, say) {
  /** @type {OpenImage | null} */
  let current = null;
  let count = 0;
  let opening = false;
  /** @type {string | null} */
  let shownUrl = null;
  /** @type {(reason: Reason) => void} */
  let onOpen = () => undefined;

  /**
   * @param {string} url
   * @param {boolean} owned whether it is to be revoked in the end
   */
  function show(url, owned) {
    if (shownUrl) URL.revokeObjectURL(shownUrl);
    shownUrl = owned ? url : null;
    parts.base.src = url;
  }

  /**
   * The id of an upload, and whether the browser shows it as it is segmented.
   * @param {File} file
   * @returns {Promise<{ id: string, browser_shows_it: boolean }>}
   */
  async function send(file) {
    // What it is, its bytes say.
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await asked(setup.paths.images, { method: "POST", body: file, headers });
    return answer.json();
  }

  /**
   * @param {File} file
   * @param {Reason} [reason]
   */
  async function open(file, reason = {}) {
    count += 1;
    const mine = count;
    opening = true;
    say(`Opening ${file.name || "the image"}…`);
    const url = URL.createObjectURL(file);
    let size = null;
    let upload = null;
    try {
      [size, upload] = await Promise.all([sizeOf(url).catch(() => null), send(file)]);
    } catch (error) {
      URL.revokeObjectURL(url);
      if (mine === count) {
        const name = file.name || "The image";
        opening = false;
        say(`${name} could not be opened: ${messageOf(error)}. All stays as it was.`, "error");
      }
      return;
    }
    if (mine !== count) {
      URL.revokeObjectURL(url);
      return;
    }
    const own = size !== null && upload.browser_shows_it;
    if (size !== null && own) {
      show(url, true);
      view.setSize(size.width, size.height);
    } else {
      URL.revokeObjectURL(url);
      view.setSize(0, 0); // where a prompt lies is not known yet
    }
    parts.bench.classList.toggle("has-image", own);
    say("");
    opening = false;
    current = { file, data: upload.id, preview: !own, url: reason.url ?? "" };
    onOpen(reason);
  }

  /**
   * The server's word on the size.
   * @param {[number, number]} size height and width
   */
  function confirm([height, width]) {
    if (view.at.width !== width || view.at.height !== height) view.setSize(width, height);
  }

  /**
   * @param {Response} answer
   * @param {string} name
   * @param {Reason} [reason]
   */
  async function openAnswer(answer, name, reason) {
    const blob = await answer.blob();
    await open(new File([blob], name, { type: blob.type }), reason);
  }

  /** @param {Example} entry */
  async function openExample(entry) {
    say(`Opening ${entry.title}…`);
    try {
      const answer = await asked(`${setup.paths.examples}/${encodeURIComponent(entry.name)}`);
      await openAnswer(answer, entry.name, { example: entry });
    } catch (error) {
      say(`The example could not be opened: ${messageOf(error)}`, "error");
    }
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
      await openAnswer(answer, "from-url", { url: parts.url.value });
    } catch (error) {
      parts.urlError.textContent = messageOf(error);
    }
  }

  parts.file.onchange = () => {
    const file = parts.file.files?.[0];
    if (file) open(file);
    parts.file.value = ""; // the same file may be opened again
  };
  parts.bench.addEventListener("dragover", (event) => {
    event.preventDefault();
    parts.viewport.classList.add("dropping");
  });
  parts.bench.addEventListener("dragleave", ({ relatedTarget }) => {
    const inside = relatedTarget instanceof Node && parts.bench.contains(relatedTarget);
    if (!inside) parts.viewport.classList.remove("dropping");
  });
  parts.bench.addEventListener("drop", (event) => {
    event.preventDefault();
    parts.viewport.classList.remove("dropping");
    const file = event.dataTransfer?.files[0];
    if (file) open(file);
    else say("Expected an image file to be dropped.", "error");
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const file = files.find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    open(file);
  });
  parts.urlForm.onsubmit = (event) => {
    event.preventDefault();
    openUrl();
  };

  return {
    open,
    get current() {
      return current;
    },
    /** Whether an image is on its way. */
    get opening() {
      return opening;
    },
    /** Whether it is one of the examples that the project drew. */
    get isDrawn() {
      const name = current?.file.name;
      return setup.examples.some((one) => one.kind !== "photo" && one.name === name);
    },
    /** The server keeps an upload for an hour; the browser still has the file. */
    async again() {
      if (!current) return;
      const mine = count;
      const { id } = await send(current.file);
      if (mine === count) current.data = id;
    },
    /** @param {(reason: Reason) => void} listener */
    listen(listener) {
      onOpen = listener;
    },
    confirm,
    /**
     * The server's picture of the image.
     * @param {Preview} preview
     */
    preview({ url, image_size }) {
      show(url, false);
      if (current) current.preview = false;
      parts.bench.classList.add("has-image");
      confirm(image_size);
    },
    /**
     * The examples that the weights at work can do something with.
     * @param {boolean} bundled whether these are the bundled ones
     */
    showGallery(bundled) {
      const fitting = setup.examples.filter((entry) => !bundled || entry.kind !== "photo");
      const buttons = fitting.map((entry) => {
        const button = make("button", { type: "button", title: entry.title, class: "example" });
        button.append(
          make("img", { src: entry.thumbnail, alt: "", loading: "lazy" }),
          make("span", {}, entry.title),
        );
        button.onclick = () => openExample(entry);
        return button;
      });
      parts.gallery.replaceChildren(...buttons);
      parts.tryLine.hidden = !fitting.length;
    },
    commands: {
      open: () => parts.file.click(),
      ...createCamera(parts, open),
      url() {
        parts.urlError.textContent = "";
        parts.urlDialog.showModal();
        parts.url.focus();
      },
      closeUrl: () => parts.urlDialog.close(),
    },
  };
}

/** @param {string} url */
async function sizeOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  // Turned as EXIF says, as in Python.
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}
