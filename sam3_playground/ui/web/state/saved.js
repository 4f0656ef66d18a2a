// What is saved: its names, whether all of it came, and what there is to say of it.

const NAME = /filename\*=UTF-8''(?<name>[^;]+)/iu;

/**
 * What an image's file is called: one that was fetched has its name in its URL.
 * @param {string} name
 * @param {string} url empty where it came from none
 */
export function fileName(name, url) {
  if (!URL.canParse(url)) return name || "image";
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  return decoded(last) || new URL(url).hostname;
}

/**
 * The name that an answer is to be saved under.
 * @param {string | null} disposition its header
 */
export function nameIn(disposition) {
  const encoded = NAME.exec(disposition ?? "")?.groups?.name;
  return decoded(encoded ?? "") || "sam3-playground";
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The record at the very end of an archive: its mark, and its length without a comment. */
const END = [0x50, 0x4b, 0x05, 0x06];
const END_LENGTH = 22;
/** The list of what is in it stands before that; the report of what failed is the last there. */
const REPORT = "FAILED.txt";
/** As many bytes of an archive's end tell how it came. */
export const TAIL = END_LENGTH + REPORT.length;

/**
 * Whether an archive came to its end, and whether something is missing in it by its own word.
 * @param {Uint8Array} tail its last bytes, TAIL of them
 * @returns {"cut" | "partly" | "whole"}
 */
export function ending(tail) {
  const at = tail.length - END_LENGTH;
  if (at < 0 || END.some((byte, place) => tail[at + place] !== byte)) return "cut";
  return new TextDecoder().decode(tail.slice(0, at)) === REPORT ? "partly" : "whole";
}

/**
 * What is going to be saved.
 * @param {string} name of the image
 * @param {{ shown: number, hidden: number }} counts
 */
export function content(name, { shown, hidden }) {
  const left = hidden ? ` ${hidden} hidden ${hidden === 1 ? "one is" : "ones are"} left out.` : "";
  if (!shown) return `${name}: no instance is shown.${left}`;
  return `${name}: ${shown} ${shown === 1 ? "instance" : "instances"}.${left}`;
}
