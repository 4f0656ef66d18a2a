// Image and prompts over a lost connection: Gradio loads the page anew when the server is
// back, so what was being asked for is kept in this browser tab until it has been answered.

/** @import { Snapshot } from "./types.d.ts" */
import { messageOf } from "./errors.js";
import { readSnapshot } from "./state/snapshot.js";

const KEPT_STATE = "sam3-playground-state";
const KEPT_TAB = "sam3-playground-tab";
const DATABASE = "sam3-playground";
const IMAGES = "images";
const KEPT_MS = 12 * 3600 * 1000;

export function createKeep() {
  const tab = sessionStorage.getItem(KEPT_TAB) ?? Math.random().toString(36).slice(2);
  sessionStorage.setItem(KEPT_TAB, tab);

  /**
   * The result of one request to the database; null in a browser without storage, which
   * only loses this comfort.
   * @template Result
   * @param {(images: IDBObjectStore) => IDBRequest<Result>} act
   * @returns {Promise<Result | null>}
   */
  async function inImages(act) {
    try {
      const base = await database();
      return await new Promise((resolve, reject) => {
        const transaction = base.transaction(IMAGES, "readwrite");
        const request = act(transaction.objectStore(IMAGES));
        transaction.oncomplete = () => {
          base.close();
          resolve(request.result);
        };
        transaction.onerror = () => {
          base.close();
          reject(transaction.error);
        };
      });
    } catch (error) {
      console.info(`Nothing is kept over a lost connection: ${messageOf(error)}`);
      return null;
    }
  }

  /**
   * Delete this tab's image, and those of tabs that are long closed.
   * @param {IDBObjectStore} images
   */
  function sweep(images) {
    const request = images.openCursor();
    request.onsuccess = () => {
      const at = request.result;
      if (!at) return;
      if (at.key === tab || Date.now() - at.value.time > KEPT_MS) at.delete();
      at.continue();
    };
    return request;
  }

  return {
    /** @param {File} file */
    image: (file) => inImages((images) => images.put({ file, time: Date.now() }, tab)),
    /** @param {Snapshot} state */
    asking: (state) => sessionStorage.setItem(KEPT_STATE, JSON.stringify(state)),
    answered: () => sessionStorage.removeItem(KEPT_STATE),
    /**
     * What the page was asked before it was loaded anew; null after an ordinary start. Without
     * a state where another version of the page kept it.
     * @returns {Promise<{ file: File, state: Snapshot | null } | null>}
     */
    async recall() {
      const state = sessionStorage.getItem(KEPT_STATE);
      sessionStorage.removeItem(KEPT_STATE);
      const entry = state === null ? null : await inImages((images) => images.get(tab));
      if (!(state && entry)) {
        await inImages(sweep);
        return null;
      }
      return { file: entry.file, state: readSnapshot(state) };
    },
  };
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(IMAGES);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
