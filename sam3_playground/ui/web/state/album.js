// The images of a tab, in their order: which one is on the screen, and which were closed last.

/** @typedef {{ id: string }} Listed */
/**
 * @template {Listed} Image
 * @typedef {ReturnType<typeof createAlbum<Image>>} Album
 */

/** @template {Listed} Image */
export function createAlbum() {
  /** @type {Image[]} */
  let list = [];
  let current = "";
  let shared = false;
  /**
   * Those that were closed last, and where they stood.
   * @type {{ image: Image, place: number }[]}
   */
  let closed = [];
  /** Which one was on the screen then. */
  let former = "";
  /** Whether nothing else was done since. */
  let fresh = false;
  /** @type {(() => void)[]} */
  const listeners = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };
  /** @param {string} id */
  const placeOf = (id) => list.findIndex((image) => image.id === id);

  return {
    get list() {
      return list;
    },
    /** The one on the screen; undefined where none is. */
    get current() {
      return list.find(({ id }) => id === current);
    },
    /** Whether the same words hold for all images. */
    get shared() {
      return shared;
    },
    /** Those that can be brought back. */
    get closed() {
      return closed.map(({ image }) => image);
    },
    /** Whether undo is to bring them back. */
    get fresh() {
      return fresh;
    },
    /** @param {string} id */
    has: (id) => placeOf(id) >= 0,
    /** @param {() => void} listener */
    listen(listener) {
      listeners.push(listener);
    },
    tell,
    /**
     * New ones, behind the others.
     * @param {Image[]} images
     */
    add(images) {
      const others = images.filter(({ id }) => placeOf(id) < 0);
      list = [...list, ...others];
      fresh = false;
      tell();
    },
    /** @param {string} id of the one that is on the screen now */
    show(id) {
      current = id;
      tell();
    },
    /** @param {boolean} on */
    share(on) {
      shared = on;
      tell();
    },
    /** Something else was done: undo is about that. */
    settle() {
      if (!fresh) return;
      fresh = false;
      tell();
    },
    /**
     * The one so many places further on; undefined beyond the ends.
     * @param {number} step
     * @returns {Image | undefined}
     */
    beside(step) {
      const place = placeOf(current);
      return place < 0 ? list[0] : list[place + step];
    },
    /**
     * Take some away.
     * @param {string[]} ids
     * @returns {Image | undefined} where the one on the screen went, its neighbour
     */
    close(ids) {
      const place = placeOf(current);
      const stays = (/** @type {Image} */ { id }) => !ids.includes(id);
      const gone = list.flatMap((image, at) => (stays(image) ? [] : [{ image, place: at }]));
      if (!gone.length) return;
      const next = list.slice(place + 1).find(stays) ?? list.slice(0, place + 1).findLast(stays);
      const here = ids.includes(current);
      closed = gone;
      former = current;
      fresh = true;
      list = list.filter(stays);
      if (here) current = "";
      tell();
      return here ? next : undefined;
    },
    /**
     * Bring back what was closed last, each to its place.
     * @returns {Image | undefined} the one that was on the screen and went
     */
    reopen() {
      for (const { image, place } of closed) list = list.toSpliced(place, 0, image);
      const back = closed.find(({ image }) => image.id === former)?.image;
      closed = [];
      fresh = false;
      tell();
      return back;
    },
  };
}
