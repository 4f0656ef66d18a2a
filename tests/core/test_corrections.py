"""What was mended by hand stands where it was found, and changes nothing beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sam3_playground.core import selection
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.corrections import SAME_IOU, Corrected, Correction
from sam3_playground.core.nms import Nms, mask_iou
from sam3_playground.core.prompts import ConceptPrompt, Exemplar
from sam3_playground.core.results import Instance, PromptResult, Suppressed
from sam3_playground.core.steps import Seed
from sam3_playground.errors import ImageTooLargeError, InvalidInputError
from tests.core.drawing import mask
from tests.core.drawn_candidates import (
    CAT,
    CATS,
    DOG,
    FIRST,
    GROWN,
    SIZE,
    A,
    B,
    C,
    candidate,
    ids_of,
    mended,
    one_of,
    pixels,
    seed,
    select,
    told,
)


def test_a_refined_one_keeps_all_but_its_mask_and_its_neighbours_keep_everything() -> None:
    before, after = select(), select(mended("cats:3", B, to=[candidate(1, 0.4, (9, 1, 16, 6))]))
    assert ids_of(before) == ids_of(after) == ["cats:7", "cats:3", "cats:5"]
    was, now = before.instances[1], after.instances[1]
    assert (now.id, now.rank, now.score, now.label) == (was.id, was.rank, was.score, was.label)
    assert (was.corrected, now.corrected) == (False, True)
    assert now.mask.box_xyxy == (9, 1, 16, 6)
    for place in (0, 2):
        assert told(after.instances[place]) == told(before.instances[place])
    best = [one.prompt_results[0].best_score for one in (before, after)]
    assert best == [0.9, 0.9]


def test_a_removed_one_goes_with_its_twins_and_nothing_else() -> None:
    half = candidate(8, 0.65, (0, 0, 5, 10))  # IoU 0.5: a twin
    less = candidate(9, 0.6, (0, 0, 5, 11))  # 25 of 55 pixels
    found = ConceptCandidates(CAT, 1.0, (A, B, C, half, less))
    assert mask_iou(A.mask, half.mask) == SAME_IOU
    result = select(mended("cats:7", A), found=[found])
    assert ids_of(result) == ["cats:3", "cats:5", "cats:9"]
    before = {item.id: told(item) for item in select(found=[found]).instances}
    assert all(told(item) == before[item.id] for item in result.instances)
    # A twin that stood for it in another prompt's answer goes as well.
    former = candidate(99, 0.3, FIRST)
    assert ids_of(select(mended("cats:99", former))) == ["cats:3", "cats:5"]


def test_twins_are_told_by_what_was_found_whatever_the_cleanup() -> None:
    wide = np.zeros(SIZE, bool)
    wide[:16, :16] = True
    wide[1:15, 1:15] = False
    one, twin = pixels(1, 0.9, wide), pixels(2, 0.8, wide)
    found = ConceptCandidates(CAT, 1.0, (one, twin))
    cleanup = MaskCleanup(fill_holes=400)
    assert select(found=[found], cleanup=cleanup).instances[0].mask.area == 256
    assert not select(mended("cats:1", one), found=[found], cleanup=cleanup).instances


def test_added_ones_come_last_in_their_order() -> None:
    one = mended("cats:+9", to=[candidate(0, 0.95, (10, 10, 15, 15))])
    two = mended("cats:+4", to=[candidate(0, 0.2, (16, 16, 19, 19))])
    result = select(one, two)
    assert ids_of(result) == ["cats:7", "cats:3", "cats:5", "cats:+9", "cats:+4"]
    # Their score is what the network thinks of the mask; no threshold takes them.
    assert [item.score for item in result.instances[3:]] == [0.95, 0.2]
    assert all(item.corrected for item in result.instances[3:])


def test_an_added_ones_rank_does_not_hang_on_scores_that_nobody_asked_for() -> None:
    """Candidates may be kept from a time when a lower threshold was asked for."""
    low = ConceptCandidates(
        CAT, 1.0, (*CATS.candidates, candidate(11, 0.01, (16, 0, 20, 4))), score_floor=0.0
    )
    added = mended("cats:+9", to=[candidate(0, 0.95, (10, 10, 15, 15))])
    ranks = [one_of(select(added, found=[one]), "cats:+9").rank for one in (CATS, low)]
    assert ranks == [3, 3]
    # Where such are shown, it comes behind them.
    shown = select(added, found=[low], score_threshold=0.0)
    assert ids_of(shown) == ["cats:7", "cats:3", "cats:5", "cats:11", "cats:+9"]


def test_merged_ones_are_one_with_the_id_and_the_place_of_the_first() -> None:
    seeds = (seed(B), seed(A))
    correction = Correction("cats:3", "cats", seeds, seeds)
    result = select(Corrected(correction, (B, A), (B, A)))
    assert ids_of(result) == ["cats:3", "cats:5"]
    merged = result.instances[0]
    assert np.array_equal(merged.mask.to_bitmap(), A.mask.to_bitmap() | B.mask.to_bitmap())
    assert (merged.rank, merged.score, merged.corrected) == (1, 0.9, True)


@pytest.mark.parametrize("threshold", [0.5, 0.85, 1.0])
def test_no_threshold_takes_what_was_mended(threshold: float) -> None:
    refined = mended("cats:5", C, to=[candidate(0, 0.1, (0, 9, 6, 16))])
    result = select(refined, score_threshold=threshold)
    assert "cats:5" in ids_of(result)
    assert one_of(result, "cats:5").rank == 2
    assert ids_of(select(mended("cats:5", C), score_threshold=threshold)) == [
        name for name in ids_of(select(score_threshold=threshold)) if name != "cats:5"
    ]
    own = replace(CATS, prompt=replace(CAT, score_threshold=threshold))
    assert "cats:5" in ids_of(select(refined, found=[own]))


@pytest.mark.parametrize("mode", ["within", "across"])
def test_what_overlaps_a_mended_one_gives_way_to_it(mode: Any) -> None:
    """However low its score, and whatever the other's."""
    moved = mended("cats:5", C, to=[candidate(0, 0.1, FIRST)])
    result = select(moved, nms=Nms(mode, 0.5))
    assert ids_of(result) == ["cats:3", "cats:5"]
    assert result.prompt_results[0].suppressed == (Suppressed("cat", 1),)
    # The other way round it would have been the mended one.
    assert ids_of(select(mended("cats:5", C, to=[C]), nms=Nms(mode, 0.5))) == [
        "cats:7",
        "cats:3",
        "cats:5",
    ]


def test_across_concepts_a_mended_one_suppresses_the_better_and_within_it_does_not() -> None:
    dogs = ConceptCandidates(DOG, 1.0, (candidate(1, 0.99, FIRST),))
    moved = mended("cats:5", C, to=[candidate(0, 0.1, FIRST)])
    across = select(moved, found=[CATS, dogs], nms=Nms("across", 0.5))
    assert ids_of(across) == ["cats:3", "cats:5"]
    assert across.prompt_results[1].suppressed == (Suppressed("cat", 1),)
    within = select(moved, found=[CATS, dogs], nms=Nms("within", 0.5))
    assert ids_of(within) == ["cats:3", "cats:5", "dogs:1"]


@pytest.mark.parametrize("mode", ["off", "within", "across"])
def test_mended_ones_give_way_to_none_of_each_other(mode: Any) -> None:
    dogs = ConceptCandidates(DOG, 1.0, ())
    same = [
        mended("cats:7", A, to=[GROWN]),
        mended("cats:3", B, to=[GROWN]),
        mended("cats:+1", to=[GROWN]),
        mended("dogs:+2", to=[GROWN], concept="dogs"),
    ]
    result = select(*same, found=[CATS, dogs], nms=Nms(mode, 0.5))
    assert ids_of(result) == ["cats:7", "cats:3", "cats:5", "cats:+1", "dogs:+2"]


def test_a_mended_one_suppresses_even_where_a_mended_one_overlaps_it() -> None:
    one = mended("cats:+1", to=[candidate(0, 0.9, (0, 0, 5, 8))])
    two = mended("cats:+2", to=[candidate(0, 0.1, (0, 0, 5, 6))])  # IoU 0.75 with the other
    found = ConceptCandidates(CAT, 1.0, (candidate(4, 0.95, (0, 0, 5, 5)),))
    # Of 0.63 with the first, of 0.83 with the second.
    result = select(one, two, found=[found], nms=Nms("within", 0.7))
    assert ids_of(result) == ["cats:+1", "cats:+2"]


def test_cleanup_is_done_to_what_was_mended() -> None:
    bits = np.zeros(SIZE, bool)
    bits[1:8, 1:8] = True
    bits[4, 4] = False
    bits[19, 19] = True
    refined = mended("cats:7", A, to=[pixels(0, 0.5, bits)])
    whole = one_of(select(refined), "cats:7").mask
    assert whole.area == 49
    cleaned = one_of(select(refined, cleanup=MaskCleanup(fill_holes=1, min_area=2)), "cats:7")
    assert (cleaned.mask.area, cleaned.mask.box_xyxy) == (49, (1, 1, 8, 8))
    simple = one_of(select(refined, cleanup=MaskCleanup(min_area=2, simplify=1.0)), "cats:7")
    assert simple.polygons is not None
    assert "cats:7" not in ids_of(select(refined, cleanup=MaskCleanup(min_area=50)))


def test_an_empty_mask_of_a_step_is_an_empty_instance() -> None:
    nothing = candidate(0, 0.5, (0, 0, 0, 0))
    result = select(mended("cats:7", A, to=[nothing]))
    assert one_of(result, "cats:7").mask.is_empty
    assert ids_of(result) == ["cats:7", "cats:3", "cats:5"]


def test_a_found_one_gets_another_id_where_a_mended_one_has_its() -> None:
    """What was refined belongs to a former prompt, where the same id meant another thing."""
    former = candidate(3, 0.9, (10, 10, 15, 15))
    prompt = ConceptPrompt("cat", (Exemplar((10, 10, 15, 15)),))
    refined = mended("cats:3", former, to=[candidate(0, 0.4, (10, 10, 16, 16))], prompt=prompt)
    result = select(refined)
    assert ids_of(result) == ["cats:7", "cats:3:2", "cats:5", "cats:3"]
    assert one_of(result, "cats:3").corrected
    assert one_of(result, "cats:3:2").mask.box_xyxy == B.mask.box_xyxy
    both = mended("cats:3:2", candidate(98, 0.1, (17, 17, 19, 19)), to=[GROWN])
    assert ids_of(select(refined, both))[1] == "cats:3:3"


def test_corrections_of_several_and_of_two_concepts_do_not_disturb_each_other() -> None:
    dogs = ConceptCandidates(DOG, 1.0, (candidate(7, 0.6, (15, 15, 20, 20)), C))
    result = select(
        mended("cats:5", C),
        mended("cats:7", A, to=[GROWN]),
        mended("dogs:5", C, to=[candidate(0, 0.3, (0, 9, 6, 15))], concept="dogs", prompt=DOG),
        mended("cats:+1", to=[candidate(0, 0.3, (16, 0, 19, 3))]),
        found=[CATS, dogs],
    )
    rows = [[item.id for item in one.instances] for one in result.prompt_results]
    assert rows == [["cats:7", "cats:3", "cats:+1"], ["dogs:7", "dogs:5"]]
    assert [one.misfits for one in result.prompt_results] == [(), ()]
    assert [item.label for item in result.instances] == ["cat"] * 3 + ["dog"] * 2
    assert [item.corrected for item in result.instances] == [True, False, True, False, True]


def test_of_a_correction_that_fits_nothing_all_is_as_it_was_and_its_concept_says_so() -> None:
    dogs = ConceptCandidates(DOG, 1.0, (candidate(7, 0.6, (15, 15, 20, 20)),))
    lost = Correction("dogs:40", "dogs", (Seed(DOG, 40, (1, 1, 2, 2)),))
    result = select(found=[CATS, dogs], corrections=(lost,))
    assert list(map(told, result.instances)) == list(
        map(told, select(found=[CATS, dogs]).instances)
    )
    assert [one.misfits for one in result.prompt_results] == [(), ("dogs:40",)]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (candidate(0, float("nan"), FIRST), "scores as numbers, got NaN"),
        (pixels(0, 0.5, np.ones((9, 9), bool)), r"\(20, 20\), got \(9, 9\)"),
    ],
)
def test_bad_candidates_of_a_step_are_refused(part: Candidate, message: str) -> None:
    for corrected in (mended("cats:7", A, to=[part]), mended("cats:+1", to=[part])):
        with pytest.raises(InvalidInputError, match=message):
            select(corrected)


def test_masks_that_were_mended_count_before_they_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selection, "MAX_MASK_BYTES", 3 * 25 + 30)
    select(nms=Nms("within", 0.5))
    select(mended("cats:7", A), nms=Nms("within", 0.5))
    with pytest.raises(ImageTooLargeError):
        select(mended("cats:7", A, to=[GROWN]), nms=Nms("within", 0.5))


def test_a_removed_one_has_neither_mask_nor_parts() -> None:
    one = mended("cats:7", A)
    assert (one.mask, one.score) == (None, 0.9)
    assert mended("cats:+1", to=[candidate(0, 0.3, FIRST), GROWN]).score == 0.5


def test_an_instance_says_that_it_was_mended_and_a_prompt_what_fits_no_more() -> None:
    """Nothing says so that was not mended."""
    assert not Instance("cat", 0.5, mask("#")).corrected
    assert PromptResult(CAT, ()).misfits == ()
