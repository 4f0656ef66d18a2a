// What the page holds, and what goes between it and Python. For the type checker alone.

import type { Limits } from "./parcel.d.ts";

export type Mode = "concepts" | "objects";
/** Left, top, right and bottom edge in image pixels. */
export type Box = [number, number, number, number];

export interface Point {
  x: number;
  y: number;
}

export interface Click extends Point {
  positive: boolean;
}

export interface Exemplar {
  box: Box;
  positive: boolean;
}

/**
 * What a concept or object of the page is known by. `id` is given once in the page's life, for
 * both tabs together; `slot` is its place in the palette, which no other of its tab has meanwhile.
 */
export interface Entity {
  id: number;
  slot: number;
}

export interface Concept extends Entity {
  text: string | null;
  exemplars: Exemplar[];
  threshold: number | null;
  /** What was mended by hand of what it finds. */
  corrections: Correction[];
}

/** An instance that a concept found: by which prompt, which candidate, and where its mask lies. */
export interface Seed {
  text: string | null;
  exemplars: Exemplar[];
  candidate: number;
  box: Box;
}

/** A found instance as it is on the screen, with a point deep inside its mask. */
export interface Found extends Seed {
  inside: [number, number];
}

export type Part = Step | Seed;

/** What an instance's mask is made of, and in whose place it stands; no part: it was removed. */
export interface Correction {
  id: string;
  replaces: Seed[];
  parts: Part[];
}

/** An object's prompt, which of its masks is chosen, and the step that it refines. */
export interface Step {
  points: Click[];
  box: Box | null;
  choice: number;
  base: Part | null;
}

export interface PageObject extends Entity, Step {
  name: string;
  /** What it is called by where it has no name: no other has the same. */
  number: number;
}

export interface ConceptDoc {
  words: string;
  concepts: Concept[];
  active: number;
  /** The instance that clicks refine; null where they are for objects. */
  mending: string | null;
}

export interface ObjectDoc {
  objects: PageObject[];
  active: number;
}

export interface Docs {
  concepts: ConceptDoc;
  objects: ObjectDoc;
}

export interface Cleanup {
  fill_holes: number;
  min_area: number;
  simplify: number;
}

export interface Style {
  colour_by: "concept" | "instance";
  opacity: number;
  masks: boolean;
  outlines: boolean;
  boxes: boolean;
  labels: boolean;
  /** What becomes of the image itself: the name of one of the setup's views. */
  view: string;
}

export interface Nms {
  mode: "off" | "within" | "across";
  iou: number;
}

/** A hidden instance, and the prompt of its concept: with another one it would be another. */
export interface Hidden {
  id: string;
  prompt: string;
}

export interface Settings {
  mode: Mode;
  positive: boolean;
  score_threshold: number;
  nms: Nms;
  cleanup: Cleanup;
  style: Style;
  hidden: { concepts: Hidden[]; objects: Hidden[] };
}

/** All that is asked of an image; `next` is the id to be given next. */
export interface Snapshot extends Docs {
  version: number;
  next: number;
  settings: Settings;
  /** What undo leads to, the next one last. */
  undo: Steps;
  redo: Steps;
}

export interface Steps {
  concepts: ConceptDoc[];
  objects: ObjectDoc[];
}

export interface Example {
  name: string;
  title: string;
  kind: string;
  concepts: string[];
  click: [number, number] | null;
  thumbnail: string;
}

export interface Setup {
  examples: Example[];
  paths: Record<"images" | "fetch" | "examples" | "weights" | "counts" | "save" | "code", string>;
  /** What results can be saved as. */
  formats: { name: string; about: string }[];
  /** What the bundled weights know, by kind of word. */
  words: Record<string, string[]>;
  /** Sources of weights to choose from. */
  weights_sources: string[];
  colours: string[];
  separators: string;
  max_concepts: number;
  max_objects: number;
  limits: Limits;
  score_threshold: number;
  nms: Nms;
  opacity: number;
  views: { name: string; words: string; of_objects: boolean }[];
  /** Of the image's longer side, and how dark a dark background is. */
  changes: Record<"blur" | "pixel" | "darkness", number>;
}

export interface Ask {
  image: string;
  preview: boolean;
  mode: Mode;
  concepts: Concept[];
  objects: (Entity & { name: string; number: number; step: Step | null })[];
  /** The id of the object or instance that clicks are for. */
  active: string | null;
  score_threshold: number;
  nms: Nms;
  cleanup: Cleanup;
  style: Style & { label_scale: number };
  hidden: string[];
}

export interface Instance {
  /** "<concept>:<candidate>" or "<object>". */
  id: string;
  /** Its rank in its row, from 1, whatever is hidden. */
  number: number;
  /** Places in the setup's colours: where concepts have colours, and where instances have. */
  colours: [number, number];
  score: number;
  /** Pixels of the image; an instance without any is there, and nothing to be seen. */
  area: number;
  box: Box;
  /** Deep inside its mask. */
  inside: [number, number];
  /** Whether it was mended by hand. */
  corrected: boolean;
  /** Its mask on the screen's picture: see `drawing/runs.js`. */
  runs: string;
}

/** The picture of masks: its height and width, and how wide lines are on it. */
export interface Screen {
  size: [number, number];
  line: number;
}

export interface Row extends Entity {
  label: string;
  /** Whether it is one object by clicks and a box, and no concept. */
  is_object: boolean;
  threshold: number | null;
  best: number | null;
  /** How many instances gave way to better ones, and whose. */
  suppressed: { label: string; count: number }[];
  /** Ids of corrections of what is not found any more. */
  misfits: string[];
  instances: Instance[];
}

export interface Candidate {
  score: number;
  thumbnail: string;
}

export interface Timings {
  encode_ms: number;
  prompt_ms: number;
  total_ms: number;
  network_calls: number;
}

export interface Answer {
  serial: number;
  mode: Mode;
  /** Height and width. */
  image_size: [number, number];
  /** The server's picture of what is to be seen, over the image; labels are drawn here. */
  overlay: string | null;
  screen: Screen;
  nms: Nms;
  rows: Row[];
  candidates: Candidate[];
  timings: Timings;
  /** The one that answered, which may not be the one that runs now. */
  network: string;
  status: Status;
}

/** What came in the place of an answer; without a serial where nobody knows to what. */
export interface Failure {
  serial?: number | null;
  error: string;
  gone?: boolean;
}

export interface Preview {
  serial: number;
  url: string;
  image_size: [number, number];
}

export interface Status {
  state: "loading" | "failed" | "ready";
  message: string;
  note: string;
  bundled: boolean;
  fallback: boolean;
  /** Other weights have another one. */
  network: string;
  /** Whether they answer clicks and boxes on one object. */
  clicks: boolean;
}

/** Gradio's props of the component: what Python last sent, and `value` for what goes there. */
export interface Props {
  value: (Ask & { serial: number }) | null;
  answer: Answer | Failure | null;
  stage: { serial: number; text: string } | null;
  preview: Preview | null;
  status: Status;
  setup: Setup;
}

export type Watch = (name: keyof Props, callback: () => void) => void;
export type Trigger = (event: string) => void;
/** Says something to the user, on the line below the image. */
export type Say = (text: string, kind?: "" | "error") => void;
