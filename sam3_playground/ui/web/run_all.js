// Every image of the tab is asked, one after the other.

/** @import { Picture } from "./album.d.ts" */
/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Works } from "./works.js" */
import { messageOf } from "./errors.js";
import { asked, isFinal, isThere, Refusal } from "./server.js";
import { asksForSomething } from "./state/ask.js";
import { farOf, outcome, totalOf } from "./state/batch.js";

const GONE = 410;
/** How often a server that is away or busy is asked again, and how often at most where it answers. */
const AGAIN_MS = 3000;
const TRIES = 5;

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Album<Picture>} album
 * @param {Works} works
 * @param {Say} say
 */
export function createRunAll(parts, setup, album, works, say) {
  /** @type {AbortController | null} */
  let running = null;

  /**
   * @param {Picture} image
   * @param {AbortSignal} signal
   * @param {{ anew?: boolean }} [options]
   * @returns {Promise<{ label: string, count: number }[] | null>} null where nothing is asked
   */
  async function countIn(image, signal, options) {
    const ask = await works.ask(image, options);
    if (!asksForSomething(ask)) return null;
    const body = JSON.stringify({ ...ask, serial: 0 });
    const headers = { "Content-Type": "application/json" };
    const answer = await asked(setup.paths.counts, { method: "POST", body, headers, signal });
    return (await answer.json()).rows;
  }

  /**
   * However often the server has to be asked.
   * @param {Picture} image
   * @param {AbortSignal} signal
   */
  async function count(image, signal) {
    let anew = false;
    for (let tries = 1; ; tries += 1) {
      try {
        // biome-ignore lint/performance/noAwaitInLoops: the next try follows this one
        return await countIn(image, signal, { anew });
      } catch (error) {
        signal.throwIfAborted();
        const gone = error instanceof Refusal && error.status === GONE;
        if (tries >= TRIES || (!gone && worthNoTry(error))) throw error;
        anew = gone;
        if (!gone) await back(signal);
      }
    }
  }

  /**
   * When the server answers again.
   * @param {AbortSignal} signal
   */
  async function back(signal) {
    do {
      // biome-ignore lint/performance/noAwaitInLoops: it takes as long as it takes
      await new Promise((resolve) => {
        setTimeout(resolve, AGAIN_MS);
      });
      signal.throwIfAborted();
    } while (!(await isThere()));
  }

  /**
   * @param {Picture} image
   * @param {{ asked: number, found: number, idle: number }} run
   * @param {AbortSignal} signal
   */
  async function askOne(image, run, signal) {
    const rows = await count(image, signal);
    if (rows === null) run.idle += 1;
    else {
      works.took(image, rows);
      run.asked += 1;
      run.found += totalOf({ rows });
    }
  }

  /** @param {AbortSignal} signal */
  async function askAll(signal) {
    const begun = performance.now();
    const run = { asked: 0, found: 0, failed: 0, idle: 0, stopped: false };
    const list = [...album.list];
    for (const [done, image] of list.entries()) {
      const seconds = (performance.now() - begun) / 1000;
      parts.runFar.textContent = farOf({ done, total: list.length, seconds });
      parts.runBar.value = done / list.length;
      try {
        // biome-ignore lint/performance/noAwaitInLoops: in turn, for the others' sake
        if (album.has(image.id)) await askOne(image, run, signal);
      } catch (error) {
        run.stopped = signal.aborted;
        if (run.stopped) break;
        run.failed += 1;
        image.fault = messageOf(error);
        album.tell();
      }
    }
    say(outcome(run), run.failed ? "error" : "");
  }

  return {
    async runAll() {
      if (running) return;
      running = new AbortController();
      parts.running.hidden = false;
      parts.runAll.disabled = true;
      try {
        await askAll(running.signal);
      } finally {
        running = null;
        parts.running.hidden = true;
        parts.runAll.disabled = false;
      }
    },
    stopAll: () => running?.abort(),
  };
}

/** @param {unknown} error */
const worthNoTry = (error) => isFinal(error) || (error instanceof Refusal && !error.retrySeconds);
