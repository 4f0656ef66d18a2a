// What the page says: its message, what is being worked on, how long it took.

/** @import { Say } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Results } from "./results.js" */

/** @typedef {ReturnType<typeof createProgress>} Progress */

/** What takes less is not worth a word. */
const PATIENCE_MS = 200;

/**
 * @param {Parts} parts
 * @param {Pick<Results, "setStale">} results
 */
export function createProgress(parts, results) {
  const { bench, busyText, message } = parts;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** Whether something was said since the server was asked, which its answer must not wipe. */
  let saidSince = false;

  /** @type {Say} */
  function write(text, kind = "") {
    message.textContent = text;
    message.className = `message ${kind}`;
  }

  /** @type {Say} */
  function say(text, kind) {
    saidSince = true;
    write(text, kind);
  }

  return {
    say,
    /** @param {string} text what stands only until the answer is there */
    sayMeanwhile(text) {
      write(text, "error");
    },
    /** @param {string} text what the answer comes to */
    sum(text) {
      if (!saidSince) write(text);
    },
    /**
     * `data-asked` and `data-shown` are equal when what is asked for is on the screen.
     * @param {number} serial
     */
    asking(serial) {
      clearTimeout(timer);
      saidSince = false;
      bench.dataset.asked = String(serial);
      timer = setTimeout(() => {
        bench.classList.add("working");
        results.setStale(true);
      }, PATIENCE_MS);
    },
    answered() {
      clearTimeout(timer);
      bench.classList.remove("working");
      busyText.textContent = "";
      results.setStale(false);
    },
    /** What is shown is not what was asked for last. */
    outdated() {
      results.setStale(true);
    },
    /** @param {string} text */
    stage(text) {
      busyText.textContent = `${text}…`;
    },
    /** @param {number} serial */
    shown(serial) {
      bench.dataset.shown = String(serial);
    },
    /** @param {string} text */
    failed(text) {
      bench.dataset.shown = bench.dataset.asked;
      results.setStale(true);
      say(text, "error");
    },
  };
}
