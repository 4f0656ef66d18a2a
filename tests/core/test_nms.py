"""Greedy suppression, by the mask IoU that pycocotools computes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core import nms
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.nms import mask_iou, suppress
from sam3_playground.errors import InvalidInputError
from tests.core.drawing import bitmaps, box_mask, mask, properties

SIZE = (9, 9)
# Few values, so that scores are equal and IoUs meet the threshold often.
SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0])
THRESHOLDS = st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.9, 1.0])
SCORED = st.lists(st.tuples(bitmaps(image_size=SIZE), SCORES), max_size=6)
Scored = list[tuple[NDArray[np.bool_], float]]


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        ((0, 0, 4, 4), (0, 0, 4, 4), 1.0),  # the same
        ((0, 0, 4, 4), (2, 0, 6, 4), 8 / 24),  # half
        ((0, 0, 4, 4), (4, 0, 8, 4), 0.0),  # edges touch, no pixel in common
        ((0, 0, 4, 4), (1, 1, 2, 2), 1 / 16),  # one pixel inside
        ((0, 0, 20, 20), (0, 0, 20, 20), 1.0),  # the whole image
        ((0, 0, 0, 0), (0, 0, 4, 4), 0.0),  # one is empty
        ((0, 0, 0, 0), (0, 0, 0, 0), 0.0),  # both are
    ],
)
def test_iou(one: tuple[int, ...], other: tuple[int, ...], iou: float) -> None:
    assert mask_iou(box_mask(*one), box_mask(*other)) == iou


@properties
@given(bitmaps(image_size=SIZE), bitmaps(image_size=SIZE))
def test_iou_is_that_of_pycocotools(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> None:
    encoded = coco.encode(np.asfortranarray(np.stack([one, other], axis=2).astype(np.uint8)))
    expected = coco.iou(encoded[:1], encoded[1:], [0])[0, 0]
    assert mask_iou(mask_from_bitmap(one), mask_from_bitmap(other)) == expected


@pytest.mark.parametrize(
    ("boxes", "scores", "iou_threshold", "kept"),
    [
        ([], [], 0.5, []),
        ([(0, 0, 4, 4)], [0.3], 0.0, [0]),  # alone
        ([(0, 0, 4, 4), (0, 0, 4, 3)], [0.6, 0.9], 0.5, [1]),  # the better one stays
        ([(0, 0, 4, 4), (0, 0, 4, 4)], [0.6, 0.6], 0.5, [1]),  # of equal scores the later
        ([(0, 0, 4, 4), (0, 0, 4, 2)], [0.9, 0.6], 0.5, [0, 1]),  # exactly at the threshold
        ([(0, 0, 4, 4), (4, 0, 8, 4)], [0.9, 0.6], 0.0, [0, 1]),  # neighbours share nothing
        ([(0, 0, 4, 4), (3, 3, 9, 9)], [0.9, 0.6], 0.0, [0]),  # 0: one pixel is too much
        ([(0, 0, 4, 4), (0, 0, 4, 4)], [0.9, 0.6], 1.0, [0, 1]),  # 1 keeps even the same
        # What is suppressed suppresses nothing: the last overlaps the middle one alone.
        ([(0, 0, 6, 4), (3, 0, 9, 4), (7, 0, 12, 4)], [0.9, 0.8, 0.7], 0.2, [0, 2]),
        ([(0, 0, 0, 0), (0, 0, 0, 0)], [0.9, 0.8], 0.0, [0, 1]),  # empty ones stay
    ],
)
def test_who_stays(
    boxes: list[tuple[int, ...]], scores: list[float], iou_threshold: float, kept: list[int]
) -> None:
    assert suppress([box_mask(*box) for box in boxes], scores, iou_threshold=iou_threshold) == kept


def test_an_iou_equal_to_the_threshold_suppresses_nothing() -> None:
    # Two pixels of four in common, and boxes that say nothing about it.
    masks = [mask("##", "#."), mask("##", ".#")]
    assert suppress(masks, [0.9, 0.8], iou_threshold=0.5) == [0, 1]
    assert suppress(masks, [0.9, 0.8], iou_threshold=0.49) == [0]


def test_of_many_equal_scores_the_last_wins_on_any_machine() -> None:
    scores = [0.5, 0.9, 0.7] * 20
    assert suppress([mask("#")] * 60, scores, iou_threshold=0.5) == [58]


def test_pixels_are_compared_only_where_boxes_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[set[tuple[float, ...]]] = []

    def recorded(one: Mask, other: Mask) -> float:
        compared.append({one.box_xyxy, other.box_xyxy})
        return mask_iou(one, other)

    monkeypatch.setattr(nms, "mask_iou", recorded)
    boxes = [(0, 0, 4, 4), (4, 0, 8, 4), (0, 9, 4, 12), (2, 2, 6, 6), (0, 0, 0, 0)]
    suppress([box_mask(*box) for box in boxes], [0.9, 0.8, 0.7, 0.6, 0.5], iou_threshold=0.0)
    assert compared == [{boxes[0], boxes[3]}]
    compared.clear()
    # Their boxes cannot have more than a quarter in common.
    suppress([box_mask(*box) for box in boxes], [0.9, 0.8, 0.7, 0.6, 0.5], iou_threshold=0.25)
    assert compared == []


@properties
@given(SCORED, THRESHOLDS)
def test_kept_masks_part_and_suppressed_ones_have_a_better_one_to_blame(
    scored: Scored, iou_threshold: float
) -> None:
    masks = [mask_from_bitmap(pixels) for pixels, _ in scored]
    scores = [score for _, score in scored]
    kept = suppress(masks, scores, iou_threshold=iou_threshold)
    assert kept == sorted(set(kept))
    for index, own in enumerate(masks):
        rivals = [rival for rival in kept if mask_iou(own, masks[rival]) > iou_threshold]
        if index in kept:
            assert set(rivals) <= {index}
        else:
            assert any((scores[rival], rival) > (scores[index], index) for rival in rivals)


@properties
@given(SCORED, THRESHOLDS)
def test_suppressing_again_changes_nothing(scored: Scored, iou_threshold: float) -> None:
    masks = [mask_from_bitmap(pixels) for pixels, _ in scored]
    scores = [score for _, score in scored]
    kept = suppress(masks, scores, iou_threshold=iou_threshold)
    again = suppress(
        [masks[index] for index in kept],
        [scores[index] for index in kept],
        iou_threshold=iou_threshold,
    )
    assert again == list(range(len(kept)))


@properties
@given(SCORED)
def test_the_best_always_stays_and_threshold_one_keeps_all(scored: Scored) -> None:
    masks = [mask_from_bitmap(pixels) for pixels, _ in scored]
    scores = [score for _, score in scored]
    assert suppress(masks, scores, iou_threshold=1) == list(range(len(masks)))
    if masks:
        best = max(range(len(masks)), key=lambda index: (scores[index], index))
        assert best in suppress(masks, scores, iou_threshold=0)


@pytest.mark.parametrize(
    ("scores", "iou_threshold", "message"),
    [
        ([0.5], 0.5, "one score for each of 2 masks, got 1"),
        ([0.5, float("nan")], 0.5, "got NaN"),
        ([0.5, 0.6], 1.1, r"iou_threshold in \[0, 1\], got 1.1"),
        ([0.5, 0.6], -0.1, r"iou_threshold in \[0, 1\], got -0.1"),
        ([0.5, 0.6], float("nan"), r"iou_threshold in \[0, 1\], got nan"),
    ],
)
def test_bad_scores_and_thresholds_are_refused(
    scores: list[float], iou_threshold: float, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        suppress([box_mask(0, 0, 1, 1)] * 2, scores, iou_threshold=iou_threshold)


def test_masks_of_two_images_are_refused() -> None:
    masks = [box_mask(0, 0, 1, 1), box_mask(0, 0, 1, 1, image_size=(9, 9))]
    message = r"masks of one image, got sizes \[\(9, 9\), \(20, 20\)\]"
    with pytest.raises(InvalidInputError, match=message):
        mask_iou(*masks)
    with pytest.raises(InvalidInputError, match=message):
        suppress(masks, [0.5, 0.6], iou_threshold=0.5)
