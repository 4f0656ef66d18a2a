"""Corrections as they are asked for: right in themselves, in bounds, and found again by seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.corrections import MAX_PARTS, Correction, box_iou, seeded
from sam3_playground.core.prompts import BoxXYXY, Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import (
    MAX_CORRECTIONS,
    MAX_SEED_PROMPTS,
    MAX_STEPS,
    ConceptRequest,
    VisualObject,
    VisualRequest,
)
from sam3_playground.core.steps import MAX_DEPTH, Seed, Step
from sam3_playground.errors import InvalidPromptError
from tests.core.drawn_candidates import CAT, FIRST, SECOND, SIZE, A, B, C, candidate, seed

ON, OFF = VisualPrompt((Click(1, 1),)), VisualPrompt((Click(1, 1, positive=False),))
STEP = Step(ON)
REMOVED = Correction("a", "cats", (seed(A),))


def chained(times: int) -> Step:
    step = STEP
    for place in range(times):
        step = Step(VisualPrompt((Click(place, 0),)), base=step)
    return step


def test_a_correction_says_something_about_something() -> None:
    with pytest.raises(InvalidPromptError, match="a correction of something, got an empty one"):
        Correction("a", "cats")
    for replaces, parts in (((seed(A),) * (MAX_PARTS + 1), ()), ((), (STEP,) * (MAX_PARTS + 1))):
        with pytest.raises(InvalidPromptError, match=f"at most {MAX_PARTS} parts of a corrected"):
            Correction("a", "cats", replaces, parts)
    made: Any = Correction("a", "cats", [seed(A)], [STEP])  # type: ignore[arg-type]
    assert made == Correction("a", "cats", (seed(A),), (STEP,))
    assert hash(made) == hash(Correction("a", "cats", (seed(A),), (STEP,)))


def test_negative_points_alone_need_a_mask() -> None:
    with pytest.raises(InvalidPromptError, match="got negative points alone"):
        Correction("a", "cats", (seed(A),), (Step(OFF),))
    for base in (seed(A), STEP):
        step = Step(OFF, base=base)
        assert Correction("a", "cats", (seed(A),), (step,)).steps == (step,)
        assert VisualObject(step).step == step


def test_a_correction_names_each_instance_that_it_is_about_once() -> None:
    step = Step(ON, base=Step(OFF, base=seed(B)))
    one = Correction("a", "cats", (seed(A), seed(C)), (seed(A), step, STEP))
    assert one.seeds == (seed(A), seed(C), seed(B))
    assert one.steps == (step, STEP)
    assert (step.seed, STEP.seed) == (seed(B), None)
    request = ConceptRequest((CAT,), ("cats",), corrections=(one, replace(one, id="b")))
    assert request.seeds == one.seeds
    assert VisualRequest((VisualObject(step), VisualObject(STEP))).seeds == (seed(B),)


def test_a_seed_is_of_the_prompt_whatever_its_threshold() -> None:
    assert Seed(replace(CAT, score_threshold=0.2), 7, (0, 0, 5, 5)) == seed(A)
    with pytest.raises(InvalidPromptError, match="an instance's box with x0 < x1"):
        Seed(CAT, 7, (5, 5, 5, 5))
    with pytest.raises(InvalidPromptError, match="an instance's box as four numbers, got 3"):
        Seed(CAT, 7, (5, 5, 5))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("corrections", "message"),
    [
        ((REMOVED, REMOVED), "one correction for an instance, got two"),
        ((replace(REMOVED, concept="cows"),), "of one of the concepts, got one of cows"),
        (
            tuple(replace(REMOVED, id=str(n)) for n in range(MAX_CORRECTIONS + 1)),
            f"at most {MAX_CORRECTIONS} corrected instances, got {MAX_CORRECTIONS + 1}",
        ),
        (
            tuple(Correction(str(n), "cats", (), (chained(MAX_DEPTH),) * 16) for n in range(2)),
            f"at most {MAX_STEPS} steps of corrected instances, got {2 * 16 * (MAX_DEPTH + 1)}",
        ),
        (
            tuple(
                Correction(str(n), "cats", (Seed(ConceptPrompt(f"cat {n}"), 1, (0, 0, 1, 1)),))
                for n in range(MAX_SEED_PROMPTS + 1)
            ),
            f"at most {MAX_SEED_PROMPTS} prompts that found corrected instances, got 33",
        ),
    ],
)
def test_corrections_that_cannot_be_are_refused_in_words(
    corrections: tuple[Correction, ...], message: str
) -> None:
    with pytest.raises(InvalidPromptError, match=f"^expected .*{message}$"):
        ConceptRequest((CAT,), ("cats",), corrections=corrections)


def test_a_chain_ends_somewhere() -> None:
    base = chained(MAX_DEPTH)
    with pytest.raises(InvalidPromptError, match=f"at most {MAX_DEPTH} refined masks, got more"):
        Step(ON, base=base)


@pytest.mark.parametrize(
    "correction",
    [
        Correction("a", "cats", (), (Step(VisualPrompt((Click(21, 5),))),)),
        Correction("a", "cats", (seed(A),), (Step(VisualPrompt((Click(5, 20.5),)), 0, seed(A)),)),
        Correction("a", "cats", (), (Step(ON, 0, Step(VisualPrompt((Click(5, 30),)))),)),
        Correction("a", "cats", (), (Step(VisualPrompt(box_xyxy=(30, 30, 40, 40))),)),
        Correction(
            "a",
            "cats",
            (Seed(ConceptPrompt(None, (Exemplar((30, 0, 40, 9)),)), 1, (0, 0, 5, 5)),),
        ),
    ],
)
def test_what_lies_outside_the_image_is_refused(correction: Correction) -> None:
    request = ConceptRequest((CAT,), ("cats",), corrections=(REMOVED, replace(correction, id="b")))
    request.check_inside((40, 50))
    with pytest.raises(InvalidPromptError, match=r"^expected a(n example)? (point|box)") as refusal:
        request.check_inside(SIZE)
    assert refusal.value.where[:2] == ("corrections", 1)


@pytest.mark.parametrize(
    ("candidates", "found"),
    [
        ((A, B, C), 3),
        ((A, replace(B, id=30), replace(C, id=3)), 30),  # the id is another's now
        ((A, replace(B, id=30), C), 30),
        ((A, candidate(3, 0.8, (11, 0, 16, 5))), 3),  # moved a little
        ((A, candidate(3, 0.8, (13, 0, 18, 5))), None),  # moved too far
        ((A, C), None),
        ((), None),
        # By the network's own box, whose mask reaches to a speck far away.
        ((candidate(3, 0.8, (0, 0, 15, 15), box_xyxy=(10, 0, 15, 5)),), 3),
        # Of several there the one that lies best, however low its score.
        ((candidate(1, 0.9, (10, 0, 15, 7)), candidate(2, 0.1, (10, 0, 15, 6))), 2),
        # What nobody asked for is none of them.
        ((candidate(1, 0.9, (10, 0, 15, 7)), candidate(2, 0.01, SECOND)), 1),
        ((candidate(3, 0.01, SECOND),), 3),
    ],
)
def test_a_seed_is_found_by_its_id_there_or_else_by_its_box(
    candidates: tuple[Candidate, ...], found: int | None
) -> None:
    known = seeded(seed(B), ConceptCandidates(CAT, 1.0, candidates))
    assert (known and known.id) == found


def test_masks_of_candidates_elsewhere_are_not_made_to_find_a_seed() -> None:
    other = candidate(1, 0.9, FIRST, box_xyxy=(0.0, 0.0, 5.0, 5.0))
    there = candidate(2, 0.8, SECOND, box_xyxy=(10.0, 0.0, 15.0, 5.0))
    assert seeded(seed(B), ConceptCandidates(CAT, 1.0, (other, there))) is there
    assert (other.made_mask, there.made_mask) == (None, None)


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        ((0, 0, 4, 4), (0, 0, 4, 4), 1.0),
        ((0, 0, 4, 4), (2, 0, 6, 4), 1 / 3),
        ((0, 0, 4, 4), (4, 0, 8, 4), 0.0),  # edge to edge
        ((0, 0, 4, 4), (1, 1, 1, 3), 0.0),  # no area
        ((0, 0, 4, 4), (0, 0, 0, 0), 0.0),  # an empty mask's
    ],
)
def test_boxes_overlap(one: BoxXYXY, other: BoxXYXY, iou: float) -> None:
    assert box_iou(one, other) == box_iou(other, one) == pytest.approx(iou)
