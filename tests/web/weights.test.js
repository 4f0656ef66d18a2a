// What is said of weights, and what their sources want.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  described,
  far,
  isFormer,
  isOnHub,
  line,
  wantsLicence,
} from "../../sam3_playground/ui/web/state/weights.js";

/** @import { Status } from "../../sam3_playground/ui/web/types.d.ts" */

const SOME = { done: 0, total: null, bytes_per_second: 0, seconds_left: null };

/** @type {Status} */
const READY = {
  state: "ready",
  message: "SAM 3 weights x on cpu",
  note: "",
  bundled: false,
  fallback: false,
  clicks: true,
  network: "b",
};

for (const [bytes, said] of /** @type {const} */ ([
  [0, "0 B"],
  [999, "999 B"],
  [17_600, "18 kB"],
  [999_999, "1.00 MB"],
  [17_600_000, "17.6 MB"],
  [3_450_062_241, "3.45 GB"],
])) {
  test(`${bytes} bytes are ${said}`, () => assert.equal(far({ ...SOME, done: bytes }), said));
}

for (const [seconds, said] of /** @type {const} */ ([
  [-3, "0 s"],
  [59.4, "59 s"],
  [80, "1 min 20 s"],
  [3599, "59 min 59 s"],
  [7260, "2 h 1 min"],
])) {
  test(`${seconds} seconds are ${said}`, () => {
    assert.equal(far({ ...SOME, seconds_left: seconds }), `0 B · ${said} left`);
  });
}

test("a download says what is known of it", () => {
  assert.equal(far(null), "Asking for the file…");
  const some = { ...SOME, done: 1_200_000_000 };
  assert.equal(far(some), "1.20 GB");
  assert.equal(
    far({ ...some, total: 3_450_062_241, bytes_per_second: 24_000_000, seconds_left: 94 }),
    "1.20 GB of 3.45 GB · 24.0 MB a second · 1 min 34 s left",
  );
});

for (const [source, hub, licence] of /** @type {const} */ ([
  ["facebook/sam3", true, false],
  [" facebook/sam3.1 ", true, false],
  ["facebook/sam3:model.safetensors", true, false],
  ["facebook/sam30", true, true],
  ["somebody/facebook-sam3:sam3.pt", true, true],
  ["modelscope:facebook/sam3", false, true],
  ["https://example.org/facebook/sam3", false, true],
  ["", false, false],
])) {
  test(`${source}: ${hub ? "" : "no "}token, ${licence ? "" : "no "}licence`, () => {
    assert.equal(isOnHub(source), hub);
    assert.equal(wantsLicence(source), licence);
  });
}

test("weights are described by size and by what they are", () => {
  const found = { source: "a", name: "a", bytes: 17_600_000, runs: false, fault: "" };
  assert.equal(
    described({ ...found, published: null, bundled: true }),
    "17.6 MB · drawn scenes only",
  );
  assert.equal(
    described({ ...found, published: "Meta's sam3.pt", bundled: false }),
    "17.6 MB · Meta's sam3.pt",
  );
});

test("the line says what runs, and what to know about it", () => {
  assert.equal(line(READY), READY.message);
  assert.equal(line({ ...READY, state: "loading", message: "reading" }), "Loading: reading");
  assert.equal(line({ ...READY, state: "failed", message: "broken" }), "No weights: broken");
  assert.match(line({ ...READY, bundled: true, note: "n" }), /how to get the real weights$/u);
  assert.match(
    line({ ...READY, bundled: true, note: "n", fallback: true }),
    /the weights asked for failed$/u,
  );
});

test("an answer is of former weights if others run that are ready", () => {
  assert.equal(isFormer(READY, "a"), true);
  assert.equal(isFormer(READY, "b"), false);
  assert.equal(isFormer(READY, ""), false);
  assert.equal(isFormer({ ...READY, state: "loading", network: "" }, "a"), false);
});
