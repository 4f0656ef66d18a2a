// The image on the screen, out of those of the tab. The browser shows it where the server says that
// it shows what is segmented; else the server's picture.

/** @import { Picture, Upload } from "./album.d.ts" */
/** @import { Example, Preview, Say, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
/** @import { View } from "./view.js" */
import { messageOf } from "./errors.js";
import { isReadable, sizeOf, thumbnailOf } from "./image_files.js";
import { asked, isFinal } from "./server.js";

/** @typedef {ReturnType<typeof createImages>} Images */
/**
 * What is shown: its upload, and whether the server's picture of it has to be shown.
 * @typedef {{ id: string, file: File, data: string, preview: boolean }} Shown
 */
/**
 * Why an image was opened: an example, prompts that came for it, or what is kept of an earlier page,
 * without prompts where another version of the page made them.
 * @typedef {{ example?: Example, handed?: boolean, kept?: boolean, former?: boolean }} Reason
 */
/**
 * What others do about images.
 * @typedef {object} Hooks
 * @property {() => void} leave another takes the place of the one on the screen
 * @property {(image: Picture) => void} came
 * @property {(ids: string[]) => void} went
 * @property {(id: string) => Promise<File | undefined>} copy of the file, where one is kept
 * @property {(image: Picture | null, reason: Reason) => void} shown
 */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {View} view
 * @param {Album<Picture>} album
 * @param {Say} say
 */
export function createImages(parts, setup, view, album, say) {
  /** @type {Shown | null} */
  let current = null;
  let count = 0;
  let opening = false;
  /** @type {string | null} */
  let shownUrl = null;
  /** @type {Hooks} */
  let hooks = {
    leave: () => undefined,
    came: () => undefined,
    went: () => undefined,
    copy: () => Promise.resolve(undefined),
    shown: () => undefined,
  };

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
   * Its file may have been moved or changed since it was chosen: then the copy of it serves.
   * @param {Picture} image
   */
  async function beReadable(image) {
    if (await isReadable(image.file)) return;
    const copy = await hooks.copy(image.id);
    if (!(copy && (await isReadable(copy)))) throw new Error("its file can no longer be read");
    image.file = copy;
  }

  /** @param {Picture} image to be sent, whether the server has it or not */
  async function upload(image) {
    await beReadable(image);
    // What it is, its bytes say.
    const headers = { "Content-Type": "application/octet-stream" };
    const body = image.file;
    const answer = await asked(setup.paths.images, { method: "POST", body, headers });
    /** @type {Upload} */
    const said = await answer.json();
    image.upload = said;
    return said;
  }

  /**
   * What is needed to show an image: a URL, to be revoked, and what server and browser say of it.
   * @param {Picture} image
   */
  async function load(image) {
    await beReadable(image);
    const url = URL.createObjectURL(image.file);
    try {
      const known = image.upload ?? upload(image);
      const [size, sent] = await Promise.all([sizeOf(url).catch(() => null), known]);
      image.fault = "";
      return { url, size, sent };
    } catch (error) {
      URL.revokeObjectURL(url);
      throw error;
    }
  }

  /**
   * Put an image on the screen; a new one joins the others if the server takes it.
   * @param {Picture} image
   * @param {Reason} [reason]
   * @throws {Error} why it could not be opened; all stays as it was
   */
  async function open(image, reason = {}) {
    count += 1;
    const mine = count;
    opening = true;
    const isNew = !album.has(image.id);
    say(`Opening ${image.name}…`);
    const { url, size, sent } = await load(image).finally(() => {
      if (mine === count) opening = false;
    });
    const isGone = !(isNew || album.has(image.id));
    if (isGone || (mine !== count && (opening || current))) {
      URL.revokeObjectURL(url);
      if (isNew) join(image); // another one came later and is shown
      return;
    }
    hooks.leave();
    const own = size !== null && sent.browser_shows_it;
    if (size !== null && own) {
      show(url, true);
      view.setSize(size.width, size.height);
    } else {
      URL.revokeObjectURL(url);
      view.setSize(0, 0); // where a prompt lies is not known yet
    }
    parts.bench.classList.toggle("has-image", own);
    say("");
    current = { id: image.id, file: image.file, data: sent.id, preview: !own };
    if (isNew) join(image);
    album.show(image.id);
    hooks.shown(image, reason);
  }

  /** @param {Picture} image */
  function join(image) {
    album.add([image]);
    hooks.came(image);
    if (!image.thumb) drawThumb(image, image.file);
  }

  /**
   * @param {Picture} image
   * @param {File | HTMLImageElement} source
   */
  async function drawThumb(image, source) {
    const thumb = await thumbnailOf(source);
    if (!thumb) return;
    image.thumb = thumb;
    album.tell();
  }

  /**
   * Another one of the tab; where it cannot be shown all stays as it was.
   * @param {Picture | undefined} image
   * @param {Reason} [reason]
   */
  async function go(image, reason) {
    if (!image || (image.id === album.current?.id && !opening)) return;
    try {
      await open(image, reason);
    } catch (error) {
      image.fault = messageOf(error);
      album.tell();
      say(`${image.name} could not be opened: ${image.fault}. All stays as it was.`, "error");
    }
  }

  /** Nothing is on the screen. */
  function empty() {
    count += 1;
    opening = false;
    if (shownUrl) URL.revokeObjectURL(shownUrl);
    shownUrl = null;
    parts.base.removeAttribute("src");
    parts.bench.classList.remove("has-image");
    view.setSize(0, 0);
    current = null;
    hooks.shown(null, {});
  }

  /** @param {string[]} ids */
  async function close(ids) {
    hooks.leave();
    const next = album.close(ids);
    hooks.went(ids);
    const names = album.closed.map(({ name }) => name);
    say(`${names.length === 1 ? names[0] : `${names.length} images`} closed; undo brings back.`);
    await go(next);
    if (current && !album.has(current.id) && !opening) empty();
  }

  async function reopen() {
    const back = album.closed;
    const former = album.reopen();
    for (const image of back) hooks.came(image);
    await go(former);
  }

  /**
   * The server's word on the size.
   * @param {[number, number]} size height and width
   */
  function confirm([height, width]) {
    if (view.at.width !== width || view.at.height !== height) view.setSize(width, height);
  }

  return {
    open,
    go,
    close,
    reopen,
    join,
    upload,
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
    /** Upload the open image once more: the server lost it. */
    async again() {
      const image = album.current;
      if (!image) return;
      const { id } = await upload(image);
      if (current?.id === image.id) current.data = id;
    },
    /** @param {Hooks} others */
    listen(others) {
      hooks = others;
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
      const image = album.current;
      if (image && !image.thumb) drawThumb(image, parts.base);
    },
    /**
     * The small picture of a new image; empty where the browser makes none.
     * @param {Picture} image
     * @throws {Error} it is none, says the server, who is asked where the browser does not show it
     */
    async check(image) {
      image.thumb = (await thumbnailOf(image.file)) ?? "";
      if (image.thumb) return;
      await upload(image).catch((error) => {
        if (isFinal(error)) throw error;
      });
    },
  };
}
