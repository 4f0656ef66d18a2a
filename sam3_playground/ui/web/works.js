// What is asked of each image of the tab, whether it is on the screen or not, and its being kept.

/** @import { Picture } from "./album.d.ts" */
/** @import { Answer, Ask, Setup, Snapshot } from "./types.d.ts" */
/** @import { Wanted } from "./answers.d.ts" */
/** @import { Images } from "./images.js" */
/** @import { Keep } from "./keep.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Store } from "./state/store.js" */
import { askOf, entered, sharedPart } from "./state/ask.js";
import { fileName } from "./state/saved.js";

/** @typedef {ReturnType<typeof createWorks>} Works */

/** Work is written down once it has rested for so long. */
const REST_MS = 250;

/**
 * @param {Setup} setup
 * @param {Store} store
 * @param {Album<Picture>} album
 * @param {Images} images
 * @param {Keep} keep
 */
export function createWorks(setup, store, album, images, keep) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let last = "";
  /** Whether what was kept has been looked for: until then nothing is written over it. */
  let ready = false;

  /** What is asked of the image on the screen is noted with it. */
  function note() {
    if (album.current) album.current.state = store.snapshot();
  }

  function save() {
    clearTimeout(timer);
    timer = undefined;
    if (!ready) return;
    note();
    const { current, list, shared } = album;
    if (current) keep.update(current);
    const now = alike();
    if (now !== last) album.tell(); // other counts are stale, or no longer
    last = now;
    keep.tab({ order: list.map(({ id }) => id), current: current?.id ?? "", shared });
  }

  function saveSoon() {
    timer ??= setTimeout(save, REST_MS);
  }

  /** @param {Picture} image */
  function stateOf(image) {
    return image === album.current ? store.snapshot() : image.state;
  }

  /**
   * What is asked of an image, which is sent to the server where it has it no more.
   * @param {Picture} image
   * @param {{ anew?: boolean }} [options] whether the server is known to have lost it
   * @returns {Promise<Ask>}
   */
  async function ask(image, { anew = false } = {}) {
    const upload = (anew ? null : image.upload) ?? (await images.upload(image));
    const known = { data: upload.id, preview: false };
    if (image === album.current) return askOf(store, known);
    const shared = album.shared && album.current !== undefined;
    const other = entered(setup, store.snapshot(), image.state, shared, store.clicks);
    return askOf(other, known);
  }

  /** @returns {string} what is asked alike of all images now */
  const alike = () => sharedPart({ settings: store.settings, concepts: store.concepts });

  /** @param {Picture} image */
  function leave(image) {
    image.state = store.snapshot();
    if (ready) keep.update(image);
  }

  album.listen(saveSoon);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  globalThis.addEventListener("pagehide", save);

  return {
    saveSoon,
    ask,
    /**
     * The image on the screen with what is asked of it, as it stands; null without one.
     * @returns {Wanted | null}
     */
    get shown() {
      const { current } = images;
      const image = album.current;
      if (!(image && current)) return null;
      const known = { data: current.data, preview: false };
      return {
        ask: { ...askOf(store, known), serial: 0 },
        name: fileName(image.name, image.url),
      };
    },
    /** The image on the screen is left for another one. */
    leave() {
      if (album.current) leave(album.current);
    },
    /** Every image of the tab, with what is asked of it: for whoever takes all of them along. */
    all: () =>
      album.list.map((image) => ({
        name: fileName(image.name, image.url),
        file: image.file,
        /** @returns {Snapshot | null} */
        get state() {
          return stateOf(image);
        },
        /** @param {{ anew?: boolean }} [options] */
        ask: (options) => ask(image, options),
      })),
    /**
     * The image on the screen was answered.
     * @param {Answer} answer
     */
    count({ rows }) {
      const image = album.current;
      if (!image) return;
      const counts = rows.map(({ label, instances }) => ({ label, count: instances.length }));
      image.counts = { rows: counts, asked: alike() };
      image.fault = "";
      album.tell();
    },
    /**
     * Another image was answered.
     * @param {Picture} image
     * @param {{ label: string, count: number }[]} rows
     */
    took(image, rows) {
      image.counts = { rows, asked: alike() };
      image.fault = "";
      if (ready && image !== album.current) keep.update(image);
      album.tell();
    },
    /** @param {Picture} image */
    isStale: (image) => album.shared && image !== album.current && image.counts?.asked !== alike(),
    /** From now on all is kept. */
    begin() {
      ready = true;
      saveSoon();
    },
    /** When all is written. */
    async written() {
      save();
      await keep.written();
    },
  };
}
