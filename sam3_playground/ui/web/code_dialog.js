// What is asked of the image on the screen, as code to copy. Python writes it.

/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Code, Wanted } from "./answers.d.ts" */
/** @import { Parts } from "./parts.js" */
import { whyNot } from "./errors.js";
import { make } from "./nodes.js";
import { copyText } from "./outgoing.js";
import { asked, pageUrl } from "./server.js";

/**
 * @typedef {object} Present
 * @property {() => Wanted | null} wanted the image with what is asked of it; null without one
 * @property {() => string} source where the image came from: its file's name or its URL
 * @property {() => number} hidden how many instances are hidden
 */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Say} say
 * @param {Present} present
 */
export function createCodeDialog(parts, setup, say, present) {
  /** @type {Code[]} */
  let codes = [];

  async function open() {
    const image = present.wanted();
    if (!image) {
      say("Open an image first.", "error");
      return;
    }
    codes = [];
    parts.codeError.textContent = "";
    parts.codeDone.textContent = "";
    parts.codeNote.textContent =
      "Whoever runs this asks the same and gets the same instances." +
      (present.hidden() ? " Hidden ones come too: hiding is the page's own." : "");
    showCode();
    if (!parts.code.open) parts.code.showModal();
    try {
      const answer = await asked(setup.paths.code, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ask: image.ask, name: present.source(), server_url: pageUrl() }),
      });
      codes = (await answer.json()).languages;
    } catch (error) {
      parts.codeError.textContent = whyNot(error);
    }
    showCode();
  }

  function showCode() {
    const chosenLanguage = parts.codeLanguage.value;
    parts.codeLanguage.replaceChildren(
      ...codes.map(({ name, title }) => make("option", { value: name }, title)),
    );
    if (codes.some(({ name }) => name === chosenLanguage)) {
      parts.codeLanguage.value = chosenLanguage;
    }
    showText();
  }

  function showText() {
    const { value } = parts.codeLanguage;
    parts.codeText.value = codes.find(({ name }) => name === value)?.text ?? "";
    parts.codeDone.textContent = "";
    parts.copyCode.disabled = !parts.codeText.value;
  }

  parts.codeLanguage.onchange = showText;

  return {
    commands: {
      code: open,
      closeCode: () => parts.code.close(),
      copyCode: () => copyText(parts.codeText, parts.codeDone),
    },
  };
}
