// What the user takes away: which images, with what is asked of them.

/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Found } from "./found.js" */
/** @import { Images } from "./images.js" */
/** @import { Parts } from "./parts.js" */
import { createCodeDialog } from "./code_dialog.js";
import { createSaveDialog } from "./save_dialog.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Say} say
 * @param {{ images: Images, talk: Conversation, found: Found }} page
 */
export function createTakeaway(parts, setup, say, { images, talk, found }) {
  const saving = createSaveDialog(parts, setup, say, {
    async wanted(gone) {
      if (gone.length) await images.again();
      return talk.wanted ? [talk.wanted] : [];
    },
    counts: () => found.counts,
  });
  const code = createCodeDialog(parts, setup, say, {
    wanted: () => talk.wanted,
    source: () => images.current?.url || talk.wanted?.name || "",
    hidden: () => found.counts.hidden,
  });
  return { commands: { ...saving.commands, ...code.commands } };
}
