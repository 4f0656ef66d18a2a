// Prompts in the page's own address, behind "#": they are read once, and then they are gone there.

/** @import { Parcel } from "./parcel.d.ts" */
/** @import { Setup } from "./types.d.ts" */
/** @import { Waiting } from "./waiting.js" */
import { messageOf } from "./errors.js";
import { parcelIn } from "./state/parcel.js";

/**
 * @param {Setup} setup
 * @param {Waiting} waiting
 * @param {(parcel: Parcel) => Promise<void>} receive
 */
export function createAddress(setup, waiting, receive) {
  /**
   * The prompts that stand there.
   * @type {Parcel | null}
   */
  let there = null;

  function clear() {
    there = null;
    history.replaceState(history.state, "", location.pathname + location.search);
  }

  async function read() {
    const coming = parcelIn(location.hash, setup);
    if (!coming) return;
    try {
      there = await coming;
    } catch (error) {
      clear();
      const why = messageOf(error);
      waiting.note(
        `The prompts in this link cannot be read: ${why}. All stays as it was.`,
        "error",
      );
      return;
    }
    const mine = there;
    await receive(mine);
    // What waits for its image waits after a reload too.
    if (there === mine && !waiting.has(mine)) clear();
  }

  waiting.listen(() => {
    if (there && !waiting.has(there)) clear();
  });
  globalThis.addEventListener("hashchange", read);

  return { read };
}
