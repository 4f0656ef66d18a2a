// Which tab of the browser this is: what is kept has an owner, who alone writes to it.

const KEPT_TAB = "sam3-playground-tab";
const LOST = "sam3-playground-lost";
/** A tab that is loaded anew may still be about to let go of its name. */
const PATIENCE_MS = 500;
/** What a tab asks the others, and how long it listens to their names. */
const CALL = "who is there?";
const CALL_MS = 200;

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
  const { free, others } = await (locks ? byLocks(locks, mine) : byCalling(mine));
  if (free) return named({ id: mine, like: "", alone: !(known || others) });
  const id = randomId();
  if (locks) await held(locks, id);
  else answerCalls(id);
  return named({ id, like: mine, alone: false });
}

export const randomId = () =>
  [0, 1].map(() => Math.random().toString(36).slice(2).padEnd(12, "0")).join("");

/** @param {string} id */
const nameOf = (id) => `${KEPT_TAB} ${id}`;

/**
 * Whether no other tab has a name, and whether there are others.
 * @param {LockManager} locks
 * @param {string} id
 */
async function byLocks(locks, id) {
  const free = await held(locks, id);
  const { held: all = [] } = await locks.query();
  const others = all.some(({ name }) => name?.startsWith(KEPT_TAB) && name !== nameOf(id));
  return { free, others };
}

/**
 * The same by asking the others, who may be asleep: then both have the same images for a while.
 * @param {string} id
 */
async function byCalling(id) {
  const channel = new BroadcastChannel(KEPT_TAB);
  /** @type {Set<string>} */
  const heard = new Set();
  channel.onmessage = ({ data }) => {
    if (data !== CALL) heard.add(data);
  };
  channel.postMessage(CALL);
  await new Promise((resolve) => {
    setTimeout(resolve, CALL_MS);
  });
  channel.close();
  const free = !heard.has(id);
  if (free) answerCalls(id);
  return { free, others: heard.size > 0 };
}

/** @param {string} id */
function answerCalls(id) {
  const channel = new BroadcastChannel(KEPT_TAB);
  channel.onmessage = ({ data }) => {
    if (data === CALL) channel.postMessage(id);
  };
}

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
