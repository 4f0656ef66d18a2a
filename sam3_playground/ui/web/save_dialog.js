// What was found, to take away: files to save, or the picture to the clipboard.

/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Wanted } from "./answers.d.ts" */
/** @import { Parts } from "./parts.js" */
import { whyNot } from "./errors.js";
import { make } from "./nodes.js";
import { give } from "./outgoing.js";
import { asked, Refusal } from "./server.js";
import { content, ending, nameIn, TAIL } from "./state/saved.js";
import { size } from "./state/weights.js";

/**
 * What the page has to take away.
 * @typedef {object} Source
 * @property {(which: { all: boolean, gone: number[] }) => Promise<Wanted[]>} wanted the image on the
 *   screen, or all of them, with what is asked; those at the places that are gone are sent anew
 * @property {() => Wanted | null} shown the image on the screen; null without one
 * @property {() => number} count how many images are open
 * @property {() => { shown: number, hidden: number }} counts
 */

const GONE = 410;
const USUAL = "picture";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Say} say
 * @param {Source} source
 */
export function createSaveDialog(parts, setup, say, source) {
  /** @type {AbortController | null} */
  let saving = null;

  const boxes = setup.formats.map(({ name, about }) => {
    const box = make("input", { type: "checkbox", name: "format", value: name });
    box.checked = name === USUAL;
    const label = make("label", {});
    label.append(box, make("b", {}, name), make("span", {}, about));
    const line = make("li", {});
    line.append(label);
    parts.saveFormats.append(line);
    return box;
  });
  const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
  parts.copyPicture.hidden = !("ClipboardItem" in globalThis && "clipboard" in navigator);

  /**
   * @param {Wanted[]} images
   * @param {string[]} formats
   * @param {AbortSignal} signal
   */
  function send(images, formats, signal) {
    return asked(setup.paths.save, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ images, formats }),
      signal,
    });
  }

  /**
   * The server keeps an upload for an hour; the browser still has the file.
   * @param {string[]} formats
   * @param {boolean} all
   * @param {AbortSignal} signal
   */
  async function answerTo(formats, all, signal) {
    try {
      return await send(await source.wanted({ all, gone: [] }), formats, signal);
    } catch (error) {
      if (!(error instanceof Refusal && error.status === GONE)) throw error;
      return send(await source.wanted({ all, gone: error.gone }), formats, signal);
    }
  }

  /**
   * A file, or an archive of files.
   * @param {string[]} formats
   * @param {boolean} all of all images
   */
  async function fetchSaved(formats, all) {
    saving?.abort();
    const mine = new AbortController();
    saving = mine;
    show();
    try {
      const answer = await answerTo(formats, all, mine.signal);
      const blob = await new Response(counted(answer.body), { headers: answer.headers }).blob();
      return {
        name: nameIn(answer.headers.get("Content-Disposition")),
        blob,
        how: await came(blob, answer),
      };
    } finally {
      if (saving === mine) saving = null;
      show();
    }
  }

  /** What there is to see of saving. */
  function show() {
    parts.saving.hidden = saving === null;
    parts.savedBytes.textContent = "Finding…";
    parts.saveNow.disabled = saving !== null;
    parts.copyPicture.disabled = saving !== null;
  }

  /**
   * The same bytes; how many came so far is shown.
   * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} body
   */
  function counted(body) {
    let count = 0;
    const counter = new TransformStream({
      /**
       * @param {Uint8Array<ArrayBuffer>} chunk
       * @param {TransformStreamDefaultController} out
       */
      transform(chunk, out) {
        count += chunk.length;
        parts.savedBytes.textContent = `${size(count)} so far…`;
        out.enqueue(chunk);
      },
    });
    return body?.pipeThrough(counter) ?? null;
  }

  async function save() {
    const formats = chosen();
    if (!formats.length) {
      parts.saveError.textContent = "Choose at least one format.";
      return;
    }
    parts.saveError.textContent = "";
    try {
      const { name, blob, how } = await fetchSaved(formats, parts.saveAll.checked);
      if (how === "cut") throw new Error("it broke off: nothing was saved, try again");
      give(blob, name);
      const line = `Saved ${name}, ${size(blob.size)}.`;
      if (how === "whole") {
        parts.save.close();
        say(line);
      } else {
        parts.saveError.textContent = `${line} Something is missing: FAILED.txt in it says what.`;
      }
    } catch (error) {
      parts.saveError.textContent = whyNot(error);
    }
  }

  async function copyPicture() {
    parts.saveError.textContent = "";
    // Browsers want the clipboard asked for at once; what goes there may come later.
    const picture = fetchSaved([USUAL], false).then(({ blob }) => blob);
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      parts.save.close();
      say("Copied the picture.");
    } catch (error) {
      const why = await picture.then(
        () => error,
        (reason) => reason,
      );
      parts.saveError.textContent = whyNot(why);
    }
  }

  /** Which images, and what of them. */
  function showWhat() {
    const image = source.shown();
    parts.saveAllText.textContent = `All ${source.count()} open images, each with its own prompts`;
    parts.saveWhat.textContent =
      parts.saveAll.checked || !image ? "" : content(image.name, source.counts());
  }

  parts.saveAll.onchange = showWhat;
  parts.saveForm.onsubmit = (event) => {
    event.preventDefault();
    save();
  };
  parts.save.addEventListener("close", () => saving?.abort());

  return {
    commands: {
      save() {
        if (!source.shown()) {
          say("Open an image first.", "error");
          return;
        }
        parts.saveError.textContent = "";
        parts.saveAllField.hidden = source.count() < 2;
        if (parts.saveAllField.hidden) parts.saveAll.checked = false;
        showWhat();
        show();
        if (!parts.save.open) parts.save.showModal();
      },
      closeSave: () => parts.save.close(),
      copyPicture,
    },
  };
}

/**
 * Whether all of it came.
 * @param {Blob} blob
 * @param {Response} answer
 */
async function came(blob, answer) {
  if (answer.headers.get("Content-Type") !== "application/zip") return "whole";
  return ending(new Uint8Array(await blob.slice(-TAIL).arrayBuffer()));
}
