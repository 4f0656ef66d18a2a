// Prompts that came by a link or in a file, and wait for the image that they are for.

/** @import { Picture } from "./album.d.ts" */
/** @import { Parcel } from "./parcel.d.ts" */
/** @import { Setup } from "./types.d.ts" */
/** @import { Images } from "./images.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Refused } from "./refusals.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Sized } from "./state/parcel.js" */
/** @import { Store } from "./state/store.js" */
import { messageOf } from "./errors.js";
import { sizeOf } from "./image_files.js";
import { isFor, likeSize, mayBeParcel, readParcel, snapshotOf } from "./state/parcel.js";
import { few } from "./state/room.js";

/** @typedef {ReturnType<typeof createWaiting>} Waiting */
/**
 * Prompts for an image, and whether it is surely theirs: its size alone does not say so.
 * @typedef {{ parcel: Parcel, sure: boolean }} Match
 */

/** The most that wait; those that came first go. */
const MOST = 100;

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Store} store
 * @param {Images} images
 * @param {Album<Picture>} album
 */
export function createWaiting(parts, setup, store, images, album) {
  /** @type {Parcel[]} */
  let list = [];
  /**
   * Those that an image of the same size got, and that wait for their own all the same.
   * @type {WeakSet<Parcel>}
   */
  const guessed = new WeakSet();
  /** @type {(() => void)[]} */
  const listeners = [];

  /**
   * Something to be read until it is closed.
   * @param {string} text
   * @param {"" | "error"} [kind]
   */
  function note(text, kind = "") {
    parts.parcel.hidden = !text;
    parts.parcel.className = `parcel ${kind}`;
    parts.parcelText.textContent = text;
    parts.parcelOpen.hidden = !list.length;
    const [first] = list;
    parts.parcelApply.hidden = list.length !== 1 || !album.current || guessed.has(first);
    parts.parcelForget.textContent = list.length ? "Forget these prompts" : "Close";
  }

  /** @param {string} why they have to wait */
  function ask(why) {
    const wanted = list.map(({ image: { name, size } }) =>
      size ? `${name} (${size[1]} × ${size[0]} pixels)` : name,
    );
    if (!wanted.length) return;
    const what = "open that image, and they are applied to it.";
    note(`${why} Prompts wait for ${few(wanted)}: ${what}`.trim(), why ? "error" : "");
  }

  /** @param {Parcel[]} others that still wait */
  function keep(others) {
    const fewer = others.length < list.length;
    list = others.slice(-MOST);
    if (!fewer) return;
    for (const listener of listeners) listener();
  }

  /**
   * Prompts have an image now.
   * @param {Match} match
   * @param {Pick<Picture, "name">} image
   * @param {string} [how] they got it, where there is something to say of it
   */
  function done({ parcel, sure }, { name }, how = "") {
    const own = parcel.image.name;
    if (sure) keep(list.filter((one) => one !== parcel));
    else guessed.add(parcel);
    const alone = album.shared && album.list.length > 1;
    if (alone) album.share(false); // its words are for its own image
    const off = alone ? `"Same words for all images" is off: ${name} has its own.` : "";
    const guess = `Prompts for ${own} are applied to ${name}, which has the same size. If that is another image, open ${own}.`;
    note(`${sure ? how : guess} ${off}`.trim());
    if (sure) ask("");
  }

  /**
   * @param {Parcel} parcel
   * @param {Picture} image that is open
   */
  async function apply(parcel, image) {
    if (image !== album.current) await images.go(image);
    if (image !== album.current) {
      ask(`${image.name} could not be opened.`);
      return;
    }
    store.take(snapshotOf(parcel, store.giveId));
    const { name } = parcel.image;
    const how = `Prompts for ${name} are applied to ${image.name}; undo takes them back.`;
    done({ parcel, sure: true }, image, how);
  }

  /**
   * The one of the tab that prompts are for; null where it is not open.
   * @param {Parcel} parcel
   */
  async function openFor(parcel) {
    const { current } = album;
    for (const image of current ? [current, ...album.list] : album.list) {
      const { name, file } = image;
      const known = { name, bytes: file.size, size: null };
      // biome-ignore lint/performance/noAwaitInLoops: there is seldom more than one
      if (isFor(parcel, known) && isFor(parcel, await measured(file, name))) return image;
    }
    return null;
  }

  return {
    note,
    done,
    /** @param {Parcel} parcel */
    has: (parcel) => list.includes(parcel),
    /** Whether any wait. */
    get any() {
      return list.length > 0;
    },
    /** @param {() => void} listener told when one waits no more */
    listen(listener) {
      listeners.push(listener);
    },
    /**
     * Take the prompts out of what came; they wait from now on.
     * @param {File[]} files
     */
    async read(files) {
      /** @type {Parcel[]} */
      const parcels = [];
      /** @type {Refused[]} */
      const refused = [];
      for (const file of files.filter(mayBeParcel)) {
        try {
          if (file.size > setup.limits.bytes) throw new Error("it is too large for prompts");
          // biome-ignore lint/performance/noAwaitInLoops: one after the other, for the memory's sake
          parcels.push(readParcel(await file.text(), setup));
        } catch (error) {
          refused.push({ name: file.name, why: messageOf(error) });
        }
      }
      keep([...list, ...parcels]);
      return { pictures: files.filter((file) => !mayBeParcel(file)), parcels, refused };
    },
    /**
     * The prompts for an image that comes; one that comes alone may have a name of its own.
     * @param {File} file
     * @param {boolean} alone
     * @returns {Promise<Match | null>}
     */
    async find(file, alone) {
      if (!list.length) return null;
      const image = await measured(file, file.name);
      const own = list.find((one) => isFor(one, image));
      if (own) return { parcel: own, sure: true };
      if (list.some((one) => one.image.name === file.name)) {
        ask(`This ${file.name} has another size.`);
      }
      const alike = list.find((one) => alone && likeSize(one, image) && !guessed.has(one));
      return alike ? { parcel: alike, sure: false } : null;
    },
    /**
     * What is asked of an image that they are for.
     * @param {Match} match
     */
    state: ({ parcel }) => snapshotOf(parcel, store.giveId),
    /**
     * Apply them to their image where it is open, else ask for it.
     * @param {Parcel} parcel
     * @param {string} why the page itself did not get it; empty where its owner alone has it
     */
    async hold(parcel, why) {
      if (!list.includes(parcel)) keep([...list, parcel]);
      const image = why ? null : await openFor(parcel);
      if (image) await apply(parcel, image);
      else ask(why);
    },
    commands: {
      applyParcel() {
        if (album.current && list.length) apply(list[0], album.current);
      },
      forgetParcels() {
        keep([]);
        note("");
      },
    },
  };
}

/**
 * @param {File} file
 * @param {string} name
 * @returns {Promise<Sized>}
 */
async function measured(file, name) {
  const url = URL.createObjectURL(file);
  const size = await sizeOf(url).catch(() => null);
  URL.revokeObjectURL(url);
  return { name, bytes: file.size, size: size && [size.height, size.width] };
}
