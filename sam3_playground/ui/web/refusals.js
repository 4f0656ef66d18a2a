// The list of what was not opened, of much that came at once.

/** @import { Parts } from "./parts.js" */
import { arrange, make } from "./nodes.js";

/** @typedef {{ name: string, why: string }} Refused */

/** Lines of the list. */
const MOST = 100;

/** @param {Pick<Parts, "refused" | "refusedTitle" | "refusedList">} parts */
export function createRefusals({ refused: section, refusedTitle, refusedList }) {
  return {
    /**
     * @param {Refused[]} refused
     * @param {number} total of all that came
     */
    report(refused, total) {
      section.hidden = !refused.length;
      if (!refused.length) return;
      refusedTitle.textContent = `${refused.length} of ${total} files were not opened`;
      const lines = refused.slice(0, MOST).map(({ name, why }) => {
        const line = make("li", {});
        line.append(make("b", {}, name), `: ${why}`);
        return line;
      });
      const more = refused.length - lines.length;
      if (more > 0) lines.push(make("li", {}, `and ${more} more`));
      arrange(refusedList, lines);
    },
    closeRefused() {
      section.hidden = true;
    },
  };
}
