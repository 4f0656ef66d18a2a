// What the user takes away: which images, with what is asked of them.

/** @import { Picture } from "./album.d.ts" */
/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Wanted } from "./answers.d.ts" */
/** @import { Found } from "./found.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
/** @import { Works } from "./works.js" */
import { createCodeDialog } from "./code_dialog.js";
import { createSaveDialog } from "./save_dialog.js";
import { createShareDialog } from "./share_dialog.js";
import { parcelOf } from "./state/parcel.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Say} say
 * @param {{ album: Album<Picture>, works: Works, found: Found, store: Store, view: View }} page
 */
export function createTakeaway(parts, setup, say, { album, works, found, store, view }) {
  const saving = createSaveDialog(parts, setup, say, {
    /** One after the other: those that the server has lost are sent again. */
    async wanted({ all, gone }) {
      const place = album.list.findIndex(({ id }) => id === album.current?.id);
      const entries = all ? works.all() : works.all().slice(place, place + 1);
      /** @type {Wanted[]} */
      const wanted = [];
      for (const [at, entry] of entries.entries()) {
        const ask = await entry.ask({ anew: gone.includes(at) });
        wanted.push({ ask: { ...ask, serial: 0 }, name: entry.name });
      }
      return wanted;
    },
    shown: () => works.shown,
    count: () => album.list.length,
    counts: () => found.counts,
  });
  const code = createCodeDialog(parts, setup, say, {
    wanted: () => works.shown,
    source: () => album.current?.url || works.shown?.name || "",
    hidden: () => found.counts.hidden,
  });
  const sharing = createShareDialog(parts, setup, say, () => {
    const image = album.current;
    if (!image) return null;
    const { width, height } = view.at;
    return parcelOf(store.snapshot(), store.hiddenIds, {
      name: image.name,
      example: image.example ?? "",
      url: image.url,
      bytes: image.file.size,
      size: width ? [height, width] : null,
    });
  });
  return { commands: { ...saving.commands, ...code.commands, ...sharing.commands } };
}
