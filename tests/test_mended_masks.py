"""What two clicks make of masks that the bundled checkpoint found by words, judged by the truth.

As a user would: the first point lies deep inside the mask, as the page sets it, the second one in
the middle of what is most wrong, and of the masks shown the best is taken. Masks that are wrong get
better; with the mask of another instance in their place the same clicks bring less.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from sam3_playground.core.corrections import Correction
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, VisualObject, VisualRequest
from sam3_playground.core.results import Instance
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.core.steps import Seed, Step
from sam3_playground.pipeline.answer import answer, propose
from sam3_playground.ui.overlay import inner_point
from tests.drawn import Drawn, drawn_examples

# What is better than this needs no mending.
GOOD_IOU = 0.85
# What is worse was another thing.
NOTHING_IOU = 0.3


class Mended(NamedTuple):
    """IoU with the truth: as it was found, mended, and mended from another instance's mask."""

    found: float
    mended: float
    from_another: float


def most_wrong(found: Mask, true: Mask) -> Click:
    """In the middle of the largest error: positive where pixels are missing."""
    have, want = found.to_bitmap(), true.to_bitmap()
    depths = []
    for positive, wrong in ((True, want & ~have), (False, have & ~want)):
        padded = np.pad(wrong.astype(np.uint8), 1)
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        depths.append((float(depth[y, x]), Click(int(x) + 0.5, int(y) + 0.5, positive)))
    return max(depths, key=lambda item: item[0])[1]


class Found(NamedTuple):
    """An instance, and the prompt that found it."""

    prompt: ConceptPrompt
    item: Instance

    @property
    def seed(self) -> Seed:
        assert self.item.candidate is not None
        return Seed(self.prompt, self.item.candidate.id, self.item.mask.box_xyxy)


def found_in(segmenter: Segmenter, drawn: Drawn) -> list[Found]:
    every = tuple(map(ConceptPrompt, drawn.concepts))
    results = answer(segmenter, drawn.image, ConceptRequest(every)).prompt_results
    return [
        Found(one, item) for one, of in zip(every, results, strict=True) for item in of.instances
    ]


def mended(segmenter: Segmenter, drawn: Drawn, one: Found, base: Found, true: Mask) -> float:
    """IoU of the best mask that two clicks give which begin with the mask of `base`."""
    clicks = (Click(*inner_point(one.item.mask)), most_wrong(one.item.mask, true))
    step = Step(VisualPrompt(clicks), base=base.seed)

    (said,) = propose(segmenter, drawn.image, VisualRequest((VisualObject(step),))).found
    best = max(range(len(said.candidates)), key=lambda n: mask_iou(true, said.candidates[n].mask))
    correction = Correction(one.item.id, "0", (one.seed,), (replace(step, choice=best),))
    request = ConceptRequest((one.prompt,), corrections=(correction,))
    result = answer(segmenter, drawn.image, request)
    (now,) = (item for item in result.instances if item.id == one.item.id)
    assert now.corrected
    return mask_iou(true, now.mask)


@pytest.fixture(scope="module")
def bad(bundled: Segmenter) -> list[Mended]:
    """All that was found and wants mending, once each."""
    judged = []
    for drawn in drawn_examples():
        every = found_in(bundled, drawn)
        for one, other in pairwise([*every, *every[:1]]):
            true = max(drawn.of(one.prompt.label), key=lambda mask: mask_iou(mask, one.item.mask))
            was = mask_iou(true, one.item.mask)
            if NOTHING_IOU < was < GOOD_IOU:
                own, foreign = (mended(bundled, drawn, one, base, true) for base in (one, other))
                judged.append(Mended(was, own, foreign))
    return judged


def test_two_clicks_mend_what_was_found_badly(bad: list[Mended]) -> None:
    found, own, _ = np.mean(bad, axis=0)
    assert len(bad) >= 8  # measured: 17
    assert own > found + 0.02  # measured: 0.73 and 0.76


def test_the_same_clicks_on_another_instances_mask_bring_less(bad: list[Mended]) -> None:
    found, own, foreign = np.mean(bad, axis=0)
    assert foreign < own - 0.03  # measured: 0.70 and 0.76
    assert own - found > 2 * (foreign - found)
