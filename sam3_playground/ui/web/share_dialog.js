// Prompts and settings to pass on: a link to copy, or a small file to save.

/** @import { Say, Setup } from "./types.d.ts" */
/** @import { Parcel, ParcelImage } from "./parcel.d.ts" */
/** @import { Parts } from "./parts.js" */
import { messageOf } from "./errors.js";
import { copyText, give } from "./outgoing.js";
import { pageUrl } from "./server.js";
import { LINK_LETTERS, linkOf, parcelName, readParcel } from "./state/parcel.js";

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {Say} say
 * @param {() => Parcel | null} present what there is to pass on; null without an image
 */
export function createShareDialog(parts, setup, say, present) {
  let json = "";
  let name = "";

  async function open() {
    const parcel = present();
    if (!parcel) {
      say("Open an image first.", "error");
      return;
    }
    json = JSON.stringify(parcel);
    name = parcelName(parcel.image.name);
    show(parcel.image, "", "");
    if (!parts.share.open) parts.share.showModal();
    try {
      readParcel(json, setup); // what is given away can be opened
      const link = await linkOf(parcel, pageUrl());
      const fits = link.length <= LINK_LETTERS;
      const long = `These prompts are too many for a link, which programs cut beyond ${LINK_LETTERS} letters: save them as a file.`;
      show(parcel.image, fits ? link : "", fits ? "" : long);
    } catch (error) {
      json = "";
      show(parcel.image, "", `These prompts cannot be passed on: ${messageOf(error)}.`);
    }
  }

  /**
   * @param {ParcelImage} image
   * @param {string} link
   * @param {string} error
   */
  function show(image, link, error) {
    parts.shareWhat.textContent = `Prompts, settings and what was mended or hidden by hand. ${comes(image)}`;
    parts.shareLink.value = link;
    parts.shareError.textContent = error;
    parts.shareDone.textContent = "";
    parts.copyLink.disabled = !link;
    parts.savePrompts.disabled = !json;
  }

  return {
    commands: {
      share: open,
      closeShare: () => parts.share.close(),
      copyLink: () => copyText(parts.shareLink, parts.shareDone),
      savePrompts() {
        give(new Blob([json], { type: "application/json" }), name);
        parts.shareDone.textContent = `Saved ${name}.`;
      },
    },
  };
}

/**
 * How whoever opens it comes to the image.
 * @param {ParcelImage} image
 */
function comes({ name, example, url }) {
  if (example) return "The image comes along: it is one of the examples.";
  if (url) return `The image is fetched anew from ${url}`;
  return `The image stays here: whoever opens this is asked for ${name}.`;
}
