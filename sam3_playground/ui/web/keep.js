// Image and prompts over a lost connection: Gradio loads the page anew when the server is
// back, so what was being asked for is kept in this browser tab until it has been answered.

const KEPT_STATE = "sam3-playground-state";
const KEPT_TAB = "sam3-playground-tab";
const KEPT_HOURS = 12;

function createKeep() {
  const tab = sessionStorage.getItem(KEPT_TAB) || Math.random().toString(36).slice(2);
  sessionStorage.setItem(KEPT_TAB, tab);

  // A browser without storage only loses this comfort.
  function database() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open("sam3-playground", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("images");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }

  async function inStore(act) {
    try {
      const base = await database();
      return await new Promise((resolve, reject) => {
        const transaction = base.transaction("images", "readwrite");
        const request = act(transaction.objectStore("images"));
        transaction.oncomplete = () => { base.close(); resolve(request && request.result); };
        transaction.onerror = () => { base.close(); reject(transaction.error); };
      });
    } catch (error) {
      console.info(`Nothing is kept over a lost connection: ${error}`);
      return undefined;
    }
  }

  function sweep(store) {
    const cursor = store.openCursor();
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (!at) return;
      const old = Date.now() - at.value.time > KEPT_HOURS * 3600 * 1000;
      if (old || at.key === tab) at.delete();
      at.continue();
    };
  }

  return {
    image: (file) => inStore((store) => store.put({ file, time: Date.now() }, tab)),
    asking: (state) => sessionStorage.setItem(KEPT_STATE, JSON.stringify(state)),
    answered: () => sessionStorage.removeItem(KEPT_STATE),
    // What the page was asked before it was loaded anew; null after an ordinary start.
    async recall() {
      const state = sessionStorage.getItem(KEPT_STATE);
      sessionStorage.removeItem(KEPT_STATE);
      const entry = state && await inStore((store) => store.get(tab));
      if (!entry) await inStore(sweep);
      return entry ? { file: entry.file, state: JSON.parse(state) } : null;
    },
  };
}
