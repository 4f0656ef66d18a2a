// What the page is told beside answers to its asks: weights, code, files. For the type checker alone.

import type { Ask, Status } from "./types.d.ts";

/** Weights on the server's machine. */
export interface FoundWeights {
  source: string;
  name: string;
  bytes: number;
  published: string | null;
  bundled: boolean;
  runs: boolean;
  /** Why it cannot run, in a few words; empty where nothing is known against it. */
  fault: string;
}

/** An image to save, with what is asked of it. */
export interface Wanted {
  ask: Ask & { serial: number };
  name: string;
}

/** A request as code. */
export interface Code {
  name: string;
  title: string;
  text: string;
}

export interface FetchProgress {
  done: number;
  total: number | null;
  bytes_per_second: number;
  seconds_left: number | null;
}

/** What the panel of weights shows to an owner. */
export interface WeightsView {
  here: FoundWeights[];
  coming: string;
  refused: string;
  fetch: {
    source: string;
    going_on: boolean;
    progress: FetchProgress | null;
    error: string;
    wants_licence: boolean;
  };
  /** Its text, where it has not been accepted yet. */
  licence: string | null;
  status: Status;
}
