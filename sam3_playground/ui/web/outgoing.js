// What the page gives to the browser: files to save, text for the clipboard.

import { make } from "./nodes.js";

/** How long a browser may take to begin with what it is given. */
const GIVEN_MS = 60_000;

/**
 * Give the browser a file to save.
 * @param {Blob} blob
 * @param {string} name
 */
export function give(blob, name) {
  const href = URL.createObjectURL(blob);
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), GIVEN_MS);
}

/**
 * @param {HTMLTextAreaElement} field whose text is wanted
 * @param {HTMLElement} done where to say what became of it
 */
export async function copyText(field, done) {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without a secure connection there is no clipboard: what is marked can be copied by hand.
    field.select();
    done.textContent = "Marked: copy it with Ctrl+C.";
    return;
  }
  done.textContent = "Copied.";
}
