// Images that the server gets: its examples, and what is behind a URL.

/** @import { Setup } from "./types.d.ts" */
/** @import { ParcelImage } from "./parcel.d.ts" */
import { asked } from "./server.js";

/** @typedef {ReturnType<typeof createFetched>} Fetched */

/** @param {Setup} setup */
export function createFetched({ paths }) {
  /** @param {string} name */
  async function example(name) {
    const answer = await asked(`${paths.examples}/${encodeURIComponent(name)}`);
    return fileOf(answer, name);
  }

  /** @param {string} address */
  async function url(address) {
    const answer = await asked(paths.fetch, {
      method: "POST",
      body: JSON.stringify({ url: address }),
      headers: { "Content-Type": "application/json" },
    });
    return fileOf(answer, nameIn(address));
  }

  return {
    example,
    url,
    /**
     * The image of prompts that came; null where only its owner has it.
     * @param {ParcelImage} image
     */
    of(image) {
      if (image.example) return example(image.example);
      return image.url ? url(image.url) : null;
    },
  };
}

/**
 * @param {Response} answer
 * @param {string} name
 */
async function fileOf(answer, name) {
  const blob = await answer.blob();
  return new File([blob], name, { type: blob.type });
}

/** @param {string} url */
function nameIn(url) {
  const last = URL.parse(url)?.pathname.split("/").at(-1);
  return last || "from-url";
}
