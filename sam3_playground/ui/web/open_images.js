// The images of the tab with all that is about them, joined: how they come in, which is shown, what
// is asked of each, what is kept.

/** @import { Picture } from "./album.d.ts" */
/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Reason } from "./images.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Album } from "./state/album.js" */
/** @import { Store } from "./state/store.js" */
/** @import { View } from "./view.js" */
import { createAddress } from "./address.js";
import { createArrivals } from "./arrivals.js";
import { createExamples } from "./examples.js";
import { createFetched } from "./fetched.js";
import { createImages } from "./images.js";
import { createKeep } from "./keep.js";
import { createRunAll } from "./run_all.js";
import { createAlbum } from "./state/album.js";
import { createStrip } from "./strip.js";
import { createWaiting } from "./waiting.js";
import { createWorks } from "./works.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {View} view
 * @param {Store} store
 * @param {Say} say
 */
export function createOpenImages(parts, setup, view, store, say) {
  /** @type {Album<Picture>} */
  const album = createAlbum();
  const images = createImages(parts, setup, view, album, say);
  const keep = createKeep((text) => {
    parts.keptNote.textContent = text;
  });
  const works = createWorks(setup, store, album, images, keep);
  const waiting = createWaiting(parts, setup, store, images, album);
  const fetched = createFetched(setup);
  const arrivals = createArrivals(parts, images, album, { fetched, waiting }, say);
  const address = createAddress(setup, waiting, arrivals.receive);
  const examples = createExamples(parts, setup, album, arrivals.example);
  createStrip(parts, album, { go: images.go, close: images.close, isStale: works.isStale });

  return {
    album,
    images,
    works,
    examples,
    /** @type {Record<string, () => void>} */
    commands: {
      ...arrivals.commands,
      ...waiting.commands,
      ...createRunAll(parts, setup, album, works, say),
      closeImage() {
        if (album.current) images.close([album.current.id]);
      },
      closeAll: () => images.close(album.list.map(({ id }) => id)),
      bringBack: images.reopen,
      previousImage: () => images.go(album.beside(-1)),
      nextImage: () => images.go(album.beside(1)),
      undo: () => (album.fresh ? images.reopen() : store.undo()),
    },
    /** @param {(image: Picture | null, reason: Reason) => void} shown */
    listen(shown) {
      const { add: came, forget: went, file: copy } = keep;
      images.listen({ leave: works.leave, came, went, copy, shown });
    },
    /** What was open before the page was loaded, and then what its address holds. */
    async recall() {
      const before = await keep.recall();
      if (before?.images.length) {
        const { former, current } = before;
        if (!album.list.length) album.share(before.shared);
        album.add(before.images);
        for (const image of before.images) if (!keep.has(image.id)) keep.add(image);
        const image = album.list.find(({ id }) => id === current) ?? before.images[0];
        if (!(images.opening || album.current)) await images.go(image, { kept: true, former });
      }
      works.begin();
      await address.read();
    },
  };
}
