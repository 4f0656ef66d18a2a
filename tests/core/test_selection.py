"""Thresholds and suppression, over candidates whose masks are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core import selection
from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import NO_NMS, Nms, NmsMode
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.results import Result, Suppressed
from sam3_playground.errors import InvalidInputError
from tests.core.drawing import box_mask, properties
from tests.selecting import across, select_concepts, select_visual

SIZE = (20, 20)
LEFT = (0, 0, 5, 5)
RIGHT = (10, 0, 15, 5)
NOWHERE = (0, 0, 0, 0)
NAN = float("nan")

Box = tuple[int, int, int, int]


def candidate(score: float, box: Box = LEFT, *, image_size: tuple[int, int] = SIZE) -> Candidate:
    bitmap = box_mask(*box, image_size=image_size).to_bitmap()
    return Candidate(score, np.where(bitmap, 1, -1).astype(np.float32), image_size)


def concept(
    *candidates: Candidate, text: str = "cat", score_threshold: float | None = None
) -> ConceptCandidates:
    prompt = ConceptPrompt(text, score_threshold=score_threshold)
    return ConceptCandidates(prompt, presence_score=1.0, candidates=candidates)


def kept_scores(segmentation: Result) -> list[list[float]]:
    return [[found.score for found in result.instances] for result in segmentation.prompt_results]


@pytest.mark.parametrize(
    ("request_threshold", "own_threshold", "kept"),
    [
        (0.5, None, [0.9, 0.5]),  # equal to the threshold is kept
        (0.0, None, [0.9, 0.5, 0.1, 0.0]),  # 0 means 0
        (1.0, None, []),
        (0.5, 0.05, [0.9, 0.5, 0.1]),  # a concept's own threshold wins, lower
        (0.5, 0.8, [0.9]),  # or higher
        (0.5, 0.0, [0.9, 0.5, 0.1, 0.0]),  # 0 is a threshold, not the lack of one
    ],
)
def test_thresholds(
    request_threshold: float, own_threshold: float | None, kept: list[float]
) -> None:
    found = concept(*map(candidate, [0.9, 0.5, 0.1, 0.0]), score_threshold=own_threshold)
    segmentation = select_concepts([found], SIZE, score_threshold=request_threshold)
    assert kept_scores(segmentation) == [kept]


def test_a_score_of_one_passes_a_threshold_of_one() -> None:
    segmentation = select_concepts([concept(candidate(1.0))], SIZE, score_threshold=1)
    assert kept_scores(segmentation) == [[1.0]]


def test_suppression_goes_across_concepts_and_keeps_their_order() -> None:
    cats = concept(candidate(0.6, LEFT), candidate(0.8, RIGHT), text="cat")
    dogs = concept(candidate(0.9, LEFT), candidate(0.7, RIGHT), text="dog")
    segmentation = select_concepts([cats, dogs], SIZE, nms=Nms("across", 0.5))
    assert kept_scores(segmentation) == [[0.8], [0.9]]
    assert [found.label for found in segmentation.instances] == ["cat", "dog"]


def test_without_an_iou_threshold_nothing_is_suppressed() -> None:
    twice = concept(candidate(0.6), candidate(0.8))
    assert kept_scores(select_concepts([twice, twice], SIZE)) == [[0.6, 0.8], [0.6, 0.8]]


def test_what_is_below_its_threshold_suppresses_nothing() -> None:
    strict = concept(candidate(0.9), score_threshold=0.95)
    segmentation = select_concepts([strict, concept(candidate(0.6))], SIZE, nms=Nms("across", 0.5))
    assert kept_scores(segmentation) == [[], [0.6]]


def test_suppression_within_concepts_leaves_the_others_alone() -> None:
    cats = concept(candidate(0.6), candidate(0.8), candidate(0.7, RIGHT), text="cat")
    dogs = concept(candidate(0.9), text="dog")
    segmentation = select_concepts([cats, dogs], SIZE, nms=Nms("within", 0.5))
    assert kept_scores(segmentation) == [[0.8, 0.7], [0.9]]
    assert segmentation.nms == Nms("within", 0.5)


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("off", [(), ()]),
        ("within", [(Suppressed("cat", 1),), ()]),
        ("across", [(Suppressed("dog", 2),), ()]),
    ],
)
def test_a_result_says_how_many_were_suppressed_and_for_whom(
    mode: NmsMode, told: list[tuple[Suppressed, ...]]
) -> None:
    cats, dogs = concept(candidate(0.6), candidate(0.8)), concept(candidate(0.9), text="dog")
    segmentation = select_concepts([cats, dogs], SIZE, nms=Nms(mode, 0.5))
    assert [result.suppressed for result in segmentation.prompt_results] == told


def test_an_instances_id_does_not_depend_on_what_else_is_asked() -> None:
    """Nor on thresholds and on what NMS takes of the others."""
    cats = concept(*(candidate(score, LEFT) for score in (0.9, 0.8)), candidate(0.7, RIGHT))
    cats = replace(
        cats,
        candidates=tuple(
            replace(one, id=query) for one, query in zip(cats.candidates, (7, 3, 5), strict=True)
        ),
    )
    dogs = concept(candidate(0.9, NOWHERE), text="dog")

    def named(found: list[ConceptCandidates], ids: tuple[str, ...], nms: Nms) -> list[Any]:
        request = ConceptRequest(tuple(one.prompt for one in found), ids, nms=nms)
        instances = selection.select_concepts(request, found, SIZE).instances
        return [(one.id, one.rank, one.score) for one in instances if one.label == "cat"]

    alone = named([cats], ("c",), NO_NMS)
    assert alone == [("c:7", 0, 0.9), ("c:3", 1, 0.8), ("c:5", 2, 0.7)]
    assert named([dogs, cats], ("d", "c"), NO_NMS) == alone
    assert named([dogs, cats], ("d", "c"), Nms("across", 0.5)) == [alone[0], alone[2]]


def test_empty_masks_are_kept_as_the_reference_server_keeps_them() -> None:
    empty = concept(candidate(0.9, NOWHERE), candidate(0.8, NOWHERE))
    segmentation = select_concepts([empty], SIZE, nms=Nms("across", 0.0))
    assert [found.mask.is_empty for found in segmentation.instances] == [True, True]


def test_no_masks_give_results_without_instances() -> None:
    segmentation = select_concepts(
        [concept(), concept(candidate(0.2))], SIZE, nms=Nms("across", 0.5)
    )
    assert kept_scores(segmentation) == [[], []]
    assert [result.best_score for result in segmentation.prompt_results] == [None, 0.2]


def test_masks_below_the_threshold_are_never_made() -> None:
    high, low = candidate(0.9), candidate(0.1)
    select_concepts([concept(high, low)], SIZE, nms=Nms("across", 0.5))
    assert "mask" in vars(high)
    assert "mask" not in vars(low)


def test_an_exemplar_alone_is_labelled_visual() -> None:
    prompt = ConceptPrompt(exemplars=(Exemplar((0, 0, 5, 5)),))
    found = ConceptCandidates(prompt, 1.0, (candidate(0.9),))
    assert select_concepts([found], SIZE).instances[0].label == "visual"


@pytest.mark.parametrize(
    ("score", "score_threshold", "iou_threshold", "message"),
    [
        (NAN, 0.5, None, "scores as numbers, got NaN"),
        (0.9, 1.1, None, r"score_threshold in \[0, 1\], got 1.1"),
        (0.9, -0.1, None, r"score_threshold in \[0, 1\], got -0.1"),
        (0.9, NAN, None, r"score_threshold in \[0, 1\], got nan"),
        (0.9, 0.5, 2.0, r"IoU threshold of NMS in \[0, 1\], got 2.0"),
    ],
)
def test_bad_scores_and_thresholds_are_refused(
    score: float, score_threshold: float, iou_threshold: float | None, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        select_concepts(
            [concept(candidate(score))],
            SIZE,
            score_threshold=score_threshold,
            nms=across(iou_threshold),
        )


def test_candidates_of_another_image_are_refused() -> None:
    other = candidate(0.9, image_size=(9, 9))
    with pytest.raises(InvalidInputError, match=r"\(20, 20\), got \(9, 9\)"):
        select_concepts([concept(other)], SIZE)


@properties
@given(
    st.lists(
        st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]), max_size=4), min_size=1, max_size=3
    ),
    st.sampled_from([0.0, 0.3, 0.4, 1.0]),
    st.sampled_from([None, 0.5]),
)
def test_a_lower_threshold_without_suppression_only_adds(
    scores: list[list[float]], threshold: float, iou_threshold: float | None
) -> None:
    found = [concept(*map(candidate, row)) for row in scores]
    segmentation = select_concepts(
        found, SIZE, score_threshold=threshold, nms=across(iou_threshold)
    )
    passing = [[score for score in row if score >= threshold] for row in scores]
    if iou_threshold is None:
        assert kept_scores(segmentation) == passing
    else:  # all candidates show the same object: the best is left
        best = sorted(score for row in passing for score in row)[-1:]
        assert [found.score for found in segmentation.instances] == best


def visual(*candidates: Candidate) -> VisualCandidates:
    return VisualCandidates(VisualPrompt((Click(1, 1),)), candidates)


@pytest.mark.parametrize(("index", "score"), [(0, 0.9), (1, 0.7)])
def test_a_visual_prompt_gives_the_chosen_candidate(index: int, score: float) -> None:
    segmentation = select_visual(visual(candidate(0.9), candidate(0.7, RIGHT)), SIZE, index)
    assert kept_scores(segmentation) == [[score]]
    assert segmentation.prompt_results[0].best_score == 0.9


def test_only_the_chosen_mask_is_made() -> None:
    first, second = candidate(0.9), candidate(0.7)
    select_visual(visual(first, second), SIZE)
    assert "mask" in vars(first)
    assert "mask" not in vars(second)


@pytest.mark.parametrize(
    ("candidates", "index", "message"),
    [
        ([candidate(0.9)], 1, "a mask from 0 to 0, got 1"),
        ([candidate(0.9)], -1, "a mask from 0 to 0, got -1"),
        ([candidate(NAN)], 0, "got NaN"),
        ([candidate(0.9, image_size=(9, 9))], 0, r"\(20, 20\), got \(9, 9\)"),
    ],
)
def test_bad_visual_candidates_are_refused(
    candidates: list[Candidate], index: int, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        select_visual(visual(*candidates), SIZE, index)


def test_what_the_cleanup_drops_suppresses_nothing() -> None:
    speck, inside = candidate(0.9, (0, 0, 2, 2)), candidate(0.6, (0, 0, 3, 2))
    both = concept(speck, inside, candidate(0.8, RIGHT))
    suppressed = select_concepts([both], SIZE, nms=Nms("across", 0.5))
    assert kept_scores(suppressed) == [[0.9, 0.8]]
    cleaned = select_concepts([both], SIZE, nms=Nms("across", 0.5), cleanup=MaskCleanup(min_area=5))
    assert kept_scores(cleaned) == [[0.6, 0.8]]
    # Each still says which candidate it was.
    assert [found.rank for found in cleaned.instances] == [1, 2]


def test_no_mask_below_its_threshold_is_made_for_the_cleanup() -> None:
    low = candidate(0.1)
    select_concepts([concept(low)], SIZE, cleanup=MaskCleanup(min_area=5))
    assert "mask" not in vars(low)


def test_a_chosen_mask_of_which_nothing_is_left_is_no_instance() -> None:
    found = VisualCandidates(VisualPrompt((Click(1, 1),)), (candidate(0.9, (0, 0, 2, 2)),))
    kept = select_visual(found, SIZE, cleanup=MaskCleanup(min_area=4))
    assert [found.mask.area for found in kept.instances] == [4]
    assert select_visual(found, SIZE, cleanup=MaskCleanup(min_area=5)).instances == ()
