// Work is kept in the browser: each image's file, and what was asked of it, by tab.

/** @import { KeptFile, KeptPicture, KeptTab, Picture } from "./album.d.ts" */
/** @import { Tab } from "./tab.js" */
import { messageOf } from "./errors.js";
import { few, goingFor, isOver, KEPT_BYTES } from "./state/room.js";
import { readSnapshot, trimmed } from "./state/snapshot.js";
import { randomId, thisTab } from "./tab.js";

/** @typedef {ReturnType<typeof createKeep>} Keep */
/** @typedef {"files" | "works" | "tabs"} StoreName */
/** @typedef {{ files: KeptFile, works: KeptPicture, tabs: KeptTab }} Kinds */
/**
 * What a tab showed when it was left.
 * @typedef {{ images: Picture[], current: string, shared: boolean, former: boolean }} Recalled
 */

const DATABASE = "sam3-playground";
const VERSION = 2;
const FULL = "QuotaExceededError";
/** By what room is made where the browser gives less than the limit. */
const HALF = 0.5;

/** @param {(text: string) => void} note says what is not kept */
export function createKeep(note) {
  /** @type {Promise<Tab>} */
  const tab = thisTab();
  /**
   * The connection; null in a browser without storage.
   * @type {Promise<IDBDatabase | null>}
   */
  const base = database().catch((error) => {
    console.info(`Nothing is kept: ${messageOf(error)}`);
    return null;
  });
  /** @type {Promise<unknown>} one step waits for the other */
  let last = Promise.resolve();
  /** Ids of images whose files are kept. */
  const kept = new Set();

  /**
   * @template Result
   * @param {(base: IDBDatabase) => Promise<Result>} step
   * @returns {Promise<Result | undefined>} undefined where it failed, which is said
   */
  function inTurn(step) {
    const mine = last.then(async () => {
      const open = await base;
      if (!open) throw new Error("this browser stores nothing");
      return step(open);
    });
    last = mine.catch((error) => note(`Not kept over a reload: ${messageOf(error)}.`));
    return mine.catch(() => undefined);
  }

  /**
   * @param {IDBDatabase} open
   * @param {KeptFile} entry
   * @param {KeptPicture} work
   * @param {number} most bytes of all images together
   * @returns {Promise<boolean>} whether there was room
   */
  async function put(open, entry, work, most) {
    const others = (await all(open, "works")).filter(({ id }) => id !== entry.id);
    const going = goingFor(others, work.bytes, most);
    if (!going) return false;
    if (going.length) {
      const ids = going.map(({ id }) => id);
      await drop(open, ids);
      for (const id of ids) kept.delete(id);
      note(`Not kept over a reload any more: ${few(going.map(({ name }) => name))}.`);
    }
    await change(open, ["files", "works"], (store) => {
      store("files").put(entry);
      store("works").put(work);
    });
    kept.add(entry.id);
    return true;
  }

  /**
   * @param {Picture} image
   * @returns {Promise<KeptPicture>}
   */
  async function workOf({ file, ...image }) {
    const state = image.state && trimmed(image.state);
    return { ...image, state, tab: (await tab).id, used: Date.now(), bytes: file.size };
  }

  return {
    /**
     * An image, its file too.
     * @param {Picture} image
     */
    add: (image) =>
      inTurn(async (open) => {
        const { id, name, file } = image;
        const work = await workOf(image);
        const entry = { id, file };
        const room = await put(open, entry, work, KEPT_BYTES).catch(async (error) => {
          if (error?.name !== FULL) throw error;
          const total = (await all(open, "works")).reduce((sum, one) => sum + one.bytes, 0);
          return put(open, entry, work, total * HALF);
        });
        if (!room) note(`The browser has no room to keep ${name} over a reload.`);
      }),
    /**
     * What is asked of an image whose file is kept.
     * @param {Picture} image
     */
    update: (image) =>
      inTurn(async (open) => {
        if (!kept.has(image.id)) return;
        const work = await workOf(image);
        await change(open, ["works"], (store) => store("works").put(work));
      }),
    /** @param {KeptTab} state */
    tab: (state) =>
      inTurn(async (open) => {
        const { id } = await tab;
        await change(open, ["tabs"], (store) => store("tabs").put({ ...state, id }));
      }),
    /**
     * The kept copy of a file.
     * @param {string} id of its image
     */
    file: (id) =>
      inTurn(async (open) => (await all(open, "files")).find((one) => one.id === id)?.file),
    /** @param {string[]} ids */
    forget: (ids) =>
      inTurn(async (open) => {
        for (const id of ids) kept.delete(id);
        await drop(open, ids);
      }),
    /** @param {string} id */
    has: (id) => kept.has(id),
    /** When all is written that was to be kept. */
    written: () => last,
    /**
     * What this tab had open, or what none has open any more.
     * @returns {Promise<Recalled | undefined>}
     */
    recall: () =>
      inTurn(async (open) => {
        const { id, like, alone } = await tab;
        const now = Date.now();
        // In this order: what another tab adds meanwhile has its file.
        const works = await all(open, "works");
        const files = new Map((await all(open, "files")).map((one) => [one.id, one]));
        const over = works.filter((work) => isOver(work, now) || !files.has(work.id));
        await drop(
          open,
          over.map((work) => work.id),
        );
        const mine = works.filter(
          (work) => !over.includes(work) && (alone || work.tab === (like || id)),
        );
        const [newest] = mine.toSorted((one, other) => other.used - one.used);
        const state = newest && (await tabNamed(open, newest.tab));
        const places = new Map(state?.order.map((one, place) => [one, place]));
        const placed = (/** @type {KeptPicture} */ work) => places.get(work.id) ?? mine.length;
        mine.sort((one, other) => placed(one) - placed(other));
        if (alone) await takeOver(open, mine, id);
        /** @type {Map<string, string>} */
        const names = new Map(mine.map((work) => [work.id, like ? randomId() : work.id]));
        const images = mine.flatMap(({ tab: _, used: __, bytes: ___, ...work }) => {
          const entry = files.get(work.id);
          const snapshot = readSnapshot(work.state);
          const own = names.get(work.id) ?? work.id;
          return entry ? [{ ...work, id: own, state: snapshot, file: entry.file }] : [];
        });
        if (!like) for (const image of images) kept.add(image.id);
        return {
          images,
          current: names.get(state?.current ?? "") ?? "",
          shared: state?.shared ?? false,
          former: mine.some((work) => work.state !== null && readSnapshot(work.state) === null),
        };
      }),
  };
}

/**
 * @param {IDBDatabase} open
 * @param {StoreName[]} names
 * @param {(store: (name: StoreName) => IDBObjectStore) => void} act
 * @returns {Promise<void>} when it is written
 */
function change(open, names, act) {
  return new Promise((resolve, reject) => {
    const transaction = open.transaction(names, "readwrite");
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    act((name) => transaction.objectStore(name));
  });
}

/**
 * @template {"files" | "works"} Name
 * @param {IDBDatabase} open
 * @param {Name} name
 * @returns {Promise<Kinds[Name][]>}
 */
function all(open, name) {
  return answered(open.transaction(name).objectStore(name).getAll());
}

/**
 * @param {IDBDatabase} open
 * @param {string} id
 * @returns {Promise<KeptTab | undefined>}
 */
function tabNamed(open, id) {
  return answered(open.transaction("tabs").objectStore("tabs").get(id));
}

/**
 * Forget images.
 * @param {IDBDatabase} open
 * @param {string[]} ids
 */
function drop(open, ids) {
  return change(open, ["files", "works"], (store) => {
    for (const id of ids) {
      store("files").delete(id);
      store("works").delete(id);
    }
  });
}

/**
 * What other tabs had is this one's now.
 * @param {IDBDatabase} open
 * @param {KeptPicture[]} works
 * @param {string} id of this tab
 */
function takeOver(open, works, id) {
  return change(open, ["works", "tabs"], (store) => {
    for (const work of works) store("works").put({ ...work, tab: id });
    store("tabs").clear();
  });
}

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, VERSION);
    opening.onupgradeneeded = () => {
      const { result } = opening;
      for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
      for (const name of ["files", "works", "tabs"]) {
        result.createObjectStore(name, { keyPath: "id" });
      }
    };
    // A tab with a former version of the page is open: it keeps what it has.
    opening.onblocked = () => reject(new Error("another tab has a former version of the page"));
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const { result } = opening;
      result.onversionchange = () => result.close();
      resolve(result);
    };
  });
}
