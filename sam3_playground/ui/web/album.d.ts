// The images of a tab, and what is kept of them. For the type checker alone.

import type { Snapshot } from "./types.d.ts";

/** What the server says of an image that it was sent. */
export interface Upload {
  id: string;
  /** Whether a browser shows it as it is segmented. */
  browser_shows_it: boolean;
}

/** How many instances were found in an image. */
export interface Counts {
  rows: { label: string; count: number }[];
  /** What was asked for there as in other images; see `sharedPart`. */
  asked: string;
}

/** One of the images of this tab. */
export interface Picture {
  id: string;
  name: string;
  /** Where it was fetched from; empty where it came from elsewhere. */
  url: string;
  /** The name of the example that it is; none where it came from elsewhere. */
  example?: string;
  file: File;
  /** Null where the server does not have it, as far as is known. */
  upload: Upload | null;
  /** As it was left; null where it was never on the screen. */
  state: Snapshot | null;
  /** A small picture as a URL; empty where the browser makes none. */
  thumb: string;
  counts: Counts | null;
  /** Why it could not be opened or asked; empty where nothing is known against it. */
  fault: string;
}

/** What is kept of an image beside its file. */
export interface KeptPicture extends Omit<Picture, "file"> {
  tab: string;
  /** When it was last worked on, in milliseconds. */
  used: number;
  /** Of its file. */
  bytes: number;
}

/** What is kept of a tab. */
export interface KeptTab {
  /** Ids of its images, in their order. */
  order: string[];
  current: string;
  shared: boolean;
}

/** A kept image's file: it is written once, what is asked of it often. */
export interface KeptFile {
  id: string;
  file: File;
}
