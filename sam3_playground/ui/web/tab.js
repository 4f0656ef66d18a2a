// Which tab of the browser this is: what is kept has an owner, who alone writes to it.

const KEPT_TAB = "sam3-playground-tab";
const LOST = "sam3-playground-lost";
/** A tab that is loaded anew may still be about to let go of its name. */
const PATIENCE_MS = 500;

/**
 * @typedef {object} Tab
 * @property {string} id
 * @property {string} like a tab whose images this one shows too: it was duplicated; else empty
 * @property {boolean} alone whether it is a new one beside which none is open
 */

/** @returns {Promise<Tab>} */
export async function thisTab() {
  const known = read(KEPT_TAB);
  const mine = known || randomId();
  // Browsers have no locks on a page that came over http from elsewhere.
  const locks = /** @type {LockManager | undefined} */ (navigator.locks);
  if (!locks) return named({ id: mine, like: "", alone: false });
  if (await held(locks, mine)) {
    const { held: all = [] } = await locks.query();
    const others = all.filter(({ name }) => name?.startsWith(KEPT_TAB) && name !== nameOf(mine));
    return named({ id: mine, like: "", alone: !(known || others.length) });
  }
  const id = randomId();
  await held(locks, id);
  return named({ id, like: mine, alone: false });
}

export const randomId = () =>
  [0, 1].map(() => Math.random().toString(36).slice(2).padEnd(12, "0")).join("");

/** @param {string} id */
const nameOf = (id) => `${KEPT_TAB} ${id}`;

/**
 * Whether a name is this tab's now, for as long as it is open.
 * @param {LockManager} locks
 * @param {string} id
 * @returns {Promise<boolean>}
 */
function held(locks, id) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return new Promise((resolve) => {
    locks
      .request(nameOf(id), { signal }, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

/** The server is away: when it is back, the page is loaded anew. */
export const noteLost = () => write(LOST, "yes");

/** Whether that is why the page was loaded. */
export function wasLost() {
  const lost = read(LOST) !== "";
  write(LOST, "");
  return lost;
}

/**
 * A browser may be told to refuse all storage.
 * @param {string} key
 */
function read(key) {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function write(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Then nothing is known of it after a reload.
  }
}

/** @param {Tab} tab */
function named(tab) {
  write(KEPT_TAB, tab.id);
  return tab;
}
