// What is handed on of an image's work: prompts, settings, and which image they are for. In a link
// they stand behind "#", so that no server is told; in a file they are JSON.

/** @import { Parcel, ParcelImage, Work } from "../parcel.d.ts" */
/** @import { Hidden, Snapshot } from "../types.d.ts" */
/** @import { Bounds } from "./work_shape.js" */
import { promptOf } from "./concepts.js";
import { isOfConcept } from "./corrections.js";
import { packed, unpacked } from "./packed.js";
import { fieldsOf, listOf, misfit, orNull, record, text, whole } from "./shapes.js";
import { VERSION } from "./snapshot.js";
import { workShape } from "./work_shape.js";

/** @typedef {Pick<ParcelImage, "name" | "bytes" | "size">} Sized */

const FORMAT = "sam3-playground";
const MARK = "#prompts=";
/** Programs that pass links on cut longer ones. */
export const LINK_LETTERS = 8000;
const ADDRESS = 2048;
const ENDING = ".sam3.json";
const STEM = /\.[^.]+$/u;

/**
 * @param {Snapshot} snapshot
 * @param {string[]} hidden ids of the instances that are there and hidden
 * @param {ParcelImage} image
 * @returns {Parcel}
 */
export function parcelOf({ settings, concepts, objects }, hidden, image) {
  const { hidden: _, ...chosen } = settings;
  const { mending: __, ...words } = concepts;
  return {
    format: FORMAT,
    version: VERSION,
    image,
    settings: chosen,
    concepts: words,
    objects,
    hidden,
  };
}

/**
 * A parcel from anywhere.
 * @param {string} json
 * @param {Bounds} bounds
 * @returns {Parcel}
 * @throws {Error} it is none, or one of another version, or something in it cannot be
 */
export function readParcel(json, bounds) {
  const value = parsed(json);
  if (value.format !== FORMAT) throw new Error("it holds no prompts of this page");
  if (value.version !== VERSION) {
    const told = JSON.stringify(value.version) ?? "none";
    throw new Error(
      `another version of this page wrote it: its form is ${told.slice(0, 20)}, ${VERSION} is read here`,
    );
  }
  const { limits } = bounds;
  const name = text(ADDRESS);
  const image = record({
    name,
    example: name,
    url: name,
    bytes: whole(0, Number.MAX_SAFE_INTEGER),
    size: orNull(listOf(whole(1, limits.coordinate), 2, 2)),
  })(value.image, "image");
  if (image.url && !isWebAddress(image.url)) {
    throw misfit("image, url", "an address with http or https", image.url);
  }
  const size = image.size && /** @type {[number, number]} */ (image.size);
  const work = workShape(bounds)(value, "prompts");
  return { format: FORMAT, version: VERSION, image: { ...image, size }, ...work };
}

/** @param {string} json */
function parsed(json) {
  try {
    return fieldsOf(JSON.parse(json), "prompts");
  } catch (cause) {
    throw new Error("it holds no prompts of this page", { cause });
  }
}

/** @param {string} url */
function isWebAddress(url) {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
}

/**
 * @param {Parcel} parcel
 * @param {string} page its own address
 * @returns {Promise<string>}
 */
export async function linkOf(parcel, page) {
  return page + MARK + (await packed(JSON.stringify(parcel)));
}

/**
 * What an address holds behind "#"; null where it is nothing of this page.
 * @param {string} hash
 * @param {Bounds} bounds
 * @returns {Promise<Parcel> | null}
 */
export function parcelIn(hash, bounds) {
  if (!hash.startsWith(MARK)) return null;
  const letters = hash.slice(MARK.length);
  return unpacked(letters, bounds.limits.bytes).then((json) => readParcel(json, bounds));
}

/**
 * What the file of prompts for an image is called.
 * @param {string} name of the image's file
 */
export const parcelName = (name) => name.replace(STEM, "") + ENDING;

/**
 * Whether a file may hold prompts: what is in it decides.
 * @param {Pick<File, "name" | "type">} file
 */
export const mayBeParcel = ({ name, type }) =>
  type === "application/json" || name.toLowerCase().endsWith(".json");

/**
 * Whether an image is the one that prompts are for: it has the same name or as many bytes. One
 * whose size is another cannot be, unless nothing but words is asked.
 * @param {Parcel} parcel
 * @param {Sized} image
 */
export function isFor(parcel, image) {
  const { name, bytes } = parcel.image;
  const alike = image.name === name || image.bytes === bytes;
  return alike && (likeSize(parcel, image) !== false || !asksForPlaces(parcel));
}

/**
 * Whether an image has the size of the one that prompts are for; null where that is not known.
 * @param {Parcel} parcel
 * @param {Sized} image
 */
export function likeSize({ image: { size } }, image) {
  return size && image.size && size.every((one, at) => one === image.size?.[at]);
}

/** @param {Parcel} parcel */
const asksForPlaces = ({ concepts, objects }) =>
  concepts.concepts.some((one) => one.exemplars.length > 0 || one.corrections.length > 0) ||
  objects.objects.some((one) => one.points.length > 0 || one.box !== null);

/**
 * A parcel's work as the page keeps it. The ids of the page that made it mean nothing here.
 * @param {Parcel} parcel
 * @param {() => number} giveId
 * @returns {Snapshot}
 */
export function snapshotOf(parcel, giveId) {
  const { settings, concepts, objects, hidden } = renamed(parcel, giveId);
  const prompts = new Map(concepts.concepts.map((one) => [String(one.id), promptOf(one)]));
  /** @param {string} id @returns {Hidden} */
  const named = (id) => ({ id, prompt: prompts.get(id.split(":", 1)[0]) ?? "" });
  return {
    version: VERSION,
    next: giveId(),
    settings: {
      ...settings,
      hidden: {
        concepts: hidden.filter(isOfConcept).map(named),
        objects: hidden.filter((id) => !isOfConcept(id)).map(named),
      },
    },
    concepts: { ...concepts, mending: null },
    objects,
    undo: { concepts: [], objects: [] },
    redo: { concepts: [], objects: [] },
  };
}

/**
 * The same with other ids.
 * @param {Work} work
 * @param {() => number} giveId
 * @returns {Work}
 */
function renamed(work, giveId) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @param {string} name */
  const other = (name) => {
    const known = names.get(name) ?? String(giveId());
    names.set(name, known);
    return known;
  };
  /** @param {string} id of an instance: those that were added have a number of their own */
  const instance = (id) => {
    const [owner, rest] = id.split(":");
    if (rest === undefined) return other(owner);
    return `${other(owner)}:${rest.startsWith("+") ? `+${other(rest)}` : rest}`;
  };
  const concepts = work.concepts.concepts.map((one) => ({
    ...one,
    id: Number(other(String(one.id))),
    corrections: one.corrections.map((it) => ({ ...it, id: instance(it.id) })),
  }));
  const objects = work.objects.objects.map((one) => ({
    ...one,
    id: Number(other(String(one.id))),
  }));
  return {
    settings: work.settings,
    concepts: { ...work.concepts, concepts },
    objects: { ...work.objects, objects },
    hidden: work.hidden.map(instance),
  };
}
