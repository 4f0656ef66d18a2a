// The examples: large on the empty canvas, small below the image.

/** @import { Picture } from "./album.d.ts" */
/** @import { Example, Setup } from "./types.d.ts" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
import { make } from "./nodes.js";

/** @typedef {ReturnType<typeof createExamples>} Examples */

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Album<Picture>} album
 * @param {(entry: Example) => void} open
 */
export function createExamples(parts, setup, album, open) {
  /** Put them where they belong now. */
  function place() {
    const any = album.list.length > 0;
    const home = any ? parts.examples : parts.empty;
    if (parts.gallery.parentElement !== home) home.append(parts.gallery);
    parts.empty.hidden = any;
    parts.examples.hidden = !(any && parts.gallery.childElementCount);
  }

  album.listen(place);

  return {
    /**
     * Those that the weights at work can do something with.
     * @param {boolean} drawnOnly whether that is drawn scenes alone, as for the bundled ones
     */
    show(drawnOnly) {
      const fitting = setup.examples.filter((entry) => !drawnOnly || entry.kind !== "photo");
      const buttons = fitting.map((entry) => {
        const button = make("button", { type: "button", title: entry.title, class: "example" });
        button.append(
          make("img", { src: entry.thumbnail, alt: "", loading: "lazy" }),
          make("span", {}, entry.title),
        );
        button.onclick = () => open(entry);
        return button;
      });
      parts.gallery.replaceChildren(...buttons);
      parts.tryLine.hidden = !fitting.length;
      place();
    },
  };
}
