// What is handed on of an image's work, in a link or a file. For the type checker alone.

import type { ConceptDoc, ObjectDoc, Settings } from "./types.d.ts";

/** What Python takes of each thing, at most. */
export interface Limits {
  /** Of all that is asked. */
  bytes: number;
  id: number;
  place: number;
  text: number;
  name: number;
  instance_id: number;
  coordinate: number;
  clicks: number;
  exemplars: number;
  hidden: number;
  cleanup_pixels: number;
  corrections: number;
  /** Of one correction. */
  parts: number;
  steps: number;
  depth: number;
  seed_prompts: number;
}

/** What is asked of an image and how that is shown; a snapshot without its undo. */
export interface Work {
  settings: Omit<Settings, "hidden">;
  concepts: Omit<ConceptDoc, "mending">;
  objects: ObjectDoc;
  /** Ids of the hidden instances that are there. */
  hidden: string[];
}

/** Which image it is for. */
export interface ParcelImage {
  name: string;
  /** The name of the example that it is; empty where it is none. */
  example: string;
  /** Where it was fetched from; empty where it came from elsewhere. */
  url: string;
  /** Of its file. */
  bytes: number;
  /** Height and width; null where they are not known. */
  size: [number, number] | null;
}

/** Prompts and settings with the image that they are for. */
export interface Parcel extends Work {
  format: "sam3-playground";
  version: number;
  image: ParcelImage;
}
