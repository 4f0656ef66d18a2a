// What is asked of an image, as it comes from elsewhere: nothing in it is trusted. The limits are
// Python's own, which checks once more what it is asked.

/** @import { Box, Concept, Correction, PageObject, Part, Seed, Step } from "../types.d.ts" */
/** @import { Limits, Work } from "../parcel.d.ts" */
/** @import { Setup } from "../types.d.ts" */
/** @import { Shape } from "./shapes.js" */
import {
  fieldsOf,
  flag,
  listOf,
  misfit,
  number,
  oneOf,
  orNull,
  record,
  text,
  whole,
} from "./shapes.js";

/** An instance's id behind its concept's: the candidate, or one that was added by hand. */
const INSTANCE = /^(?<owner>[1-9]\d*)(?::\+?\d+)?$/u;

/** @typedef {Pick<Setup, "limits" | "max_concepts" | "max_objects" | "views">} Bounds */

/**
 * @param {Bounds} bounds
 * @returns {Shape<Work>}
 */
export function workShape({ limits, max_concepts, max_objects, views }) {
  const { concept, object } = entityShapes(limits);
  const unit = number(0, 1);
  const pixels = [0, limits.cleanup_pixels];
  const shape = record({
    settings: record({
      mode: oneOf(/** @type {const} */ (["concepts", "objects"])),
      positive: flag,
      score_threshold: unit,
      nms: record({
        mode: oneOf(/** @type {const} */ (["off", "within", "across"])),
        iou: unit,
      }),
      cleanup: record({
        fill_holes: whole(pixels[0], pixels[1]),
        min_area: whole(pixels[0], pixels[1]),
        simplify: number(pixels[0], pixels[1]),
      }),
      style: record({
        colour_by: oneOf(/** @type {const} */ (["concept", "instance"])),
        opacity: unit,
        masks: flag,
        outlines: flag,
        boxes: flag,
        labels: flag,
        view: oneOf(views.map((view) => view.name)),
      }),
    }),
    concepts: record({
      words: text(limits.bytes),
      concepts: listOf(concept, max_concepts),
      active: whole(0, max_concepts),
    }),
    objects: record({
      objects: listOf(object, max_objects, 1),
      active: whole(0, max_objects - 1),
    }),
    hidden: listOf(text(limits.instance_id), limits.hidden),
  });
  return (value, name) => {
    const work = shape(value, name);
    checkTogether(work, limits, name);
    return work;
  };
}

/** @param {Limits} limits */
function entityShapes(limits) {
  const place = whole(0, limits.place);
  const coordinate = number(-limits.coordinate, limits.coordinate);
  const corners = listOf(coordinate, 4, 4);
  /** @type {Shape<Box>} */
  const box = (value, name) => {
    const [x0, y0, x1, y1] = corners(value, name);
    if (x0 < x1 && y0 < y1) return [x0, y0, x1, y1];
    throw misfit(name, "left, top, right and bottom of a box with an area", value);
  };
  const words = orNull(text(limits.text, 1));
  const exemplars = listOf(record({ box, positive: flag }), limits.exemplars);
  const click = record({ x: coordinate, y: coordinate, positive: flag });
  /** @type {Shape<Seed>} */
  const seed = record({ text: words, exemplars, candidate: place, box });
  const prompt = record({ points: listOf(click, limits.clicks), box: orNull(box), choice: place });

  /**
   * What a step refines may be as deep as it says.
   * @param {unknown} value
   * @param {string} name
   * @param {number} depth of steps below this one
   * @returns {Step}
   */
  function step(value, name, depth) {
    if (depth < 0) throw misfit(name, `at most ${limits.depth} refined masks`, "more");
    const { base } = fieldsOf(value, name);
    const own = prompt(value, name);
    return { ...own, base: base === null ? null : part(base, `${name}, base`, depth - 1) };
  }

  /**
   * @param {unknown} value
   * @param {string} name
   * @param {number} [depth]
   * @returns {Part}
   */
  function part(value, name, depth = limits.depth) {
    return "points" in fieldsOf(value, name) ? step(value, name, depth) : seed(value, name);
  }

  const id = whole(1, limits.id);
  /** @type {Shape<Correction>} */
  const correction = record({
    id: text(limits.instance_id),
    replaces: listOf(seed, limits.parts),
    parts: listOf((value, name) => part(value, name), limits.parts),
  });
  /** @type {Shape<Concept>} */
  const concept = record({
    id,
    slot: place,
    text: words,
    exemplars,
    threshold: orNull(number(0, 1)),
    corrections: listOf(correction, limits.corrections),
  });
  const known = record({
    id,
    slot: place,
    name: text(limits.name),
    number: whole(1, limits.place),
  });
  /** @type {Shape<PageObject>} */
  const object = (value, name) => ({ ...known(value, name), ...step(value, name, limits.depth) });
  return { concept, object };
}

/**
 * What no single field says.
 * @param {Work} work
 * @param {Limits} limits
 * @param {string} name
 */
function checkTogether({ concepts, objects, hidden }, limits, name) {
  const ids = [...concepts.concepts, ...objects.objects].map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw misfit(name, "ids of their own", ids);
  if (concepts.active > concepts.concepts.length || objects.active >= objects.objects.length) {
    throw misfit(name, "an active prompt that is there", concepts.active);
  }
  for (const one of hidden) {
    if (!ids.includes(ownerOf(one))) throw misfit(name, "a hidden instance's own id", one);
  }
  const mended = concepts.concepts.flatMap(({ id, corrections }) =>
    corrections.map((one) => ({ owner: id, ...one })),
  );
  for (const { owner, id, replaces, parts } of mended) {
    if (!id.includes(":") || ownerOf(id) !== owner) throw misfit(name, "a concept's own id", id);
    if (!(replaces.length || parts.length)) throw misfit(name, "a correction of something", id);
  }
  if (new Set(mended.map(({ id }) => id)).size < mended.length) {
    throw misfit(name, "one correction for an instance", "two");
  }
  const parts = mended.flatMap((one) => one.parts.flatMap(chain));
  const seeds = [...mended.flatMap(({ replaces }) => replaces), ...parts].filter(isSeed);
  const prompts = new Set(seeds.map((one) => JSON.stringify([one.text, one.exemplars])));
  most(mended.length, limits.corrections, "corrected instances");
  most(parts.length - parts.filter(isSeed).length, limits.steps, "steps of corrected instances");
  most(prompts.size, limits.seed_prompts, "prompts that found corrected instances");
}

/** @param {string} id of an instance */
const ownerOf = (id) => Number(INSTANCE.exec(id)?.groups?.owner ?? 0);

/**
 * A part, and all that it refines.
 * @param {Part} part
 * @returns {Part[]}
 */
const chain = (part) => ("points" in part && part.base ? [part, ...chain(part.base)] : [part]);

/** @param {Part} part @returns {part is Seed} */
const isSeed = (part) => !("points" in part);

/**
 * @param {number} count
 * @param {number} limit
 * @param {string} name
 */
function most(count, limit, name) {
  if (count > limit) throw new Error(`expected at most ${limit} ${name}, got ${count}`);
}
