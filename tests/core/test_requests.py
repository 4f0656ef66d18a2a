"""A request is right in itself, or refused in words that say which part of it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.candidates import SCORE_FLOOR
from sam3_playground.core.cleanup import NO_CLEANUP
from sam3_playground.core.nms import DEFAULT_NMS
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import (
    MAX_CONCEPTS,
    MAX_OBJECTS,
    ConceptRequest,
    VisualObject,
    VisualRequest,
    visual_request,
    without_threshold,
)
from sam3_playground.core.steps import MAX_DEPTH, Step
from sam3_playground.errors import InvalidPromptError

DOG, CAT = ConceptPrompt("dog"), ConceptPrompt("cat", score_threshold=0.9)
CLICK = VisualPrompt((Click(5, 5),))
NEGATIVE = VisualPrompt((Click(5, 5, positive=False),))
OBJECT = VisualObject(Step(CLICK))
IMAGE_SIZE = (100, 200)  # height, width


def concepts(count: int) -> tuple[ConceptPrompt, ...]:
    return tuple(ConceptPrompt(f"thing {number}") for number in range(count))


def refined(times: int) -> Step:
    step = Step(CLICK)
    for _ in range(times):
        step = Step(CLICK, base=step)
    return step


def test_what_is_not_said_is_as_everywhere() -> None:
    request = ConceptRequest((DOG, CAT))
    assert request.ids == ("0", "1")
    assert request.score_threshold == 0.5
    assert (request.nms, request.cleanup) == (DEFAULT_NMS, NO_CLEANUP)
    visual = visual_request(CLICK, CLICK)
    assert visual == VisualRequest(visual.objects)
    assert visual.ids == ("0", "1")
    assert [item.step for item in visual.objects] == [Step(CLICK), Step(CLICK)]
    assert (visual.multimask, visual.cleanup) == (None, NO_CLEANUP)


def test_equal_requests_are_equal_whatever_sequence_they_were_made_of() -> None:
    made: Any = ConceptRequest([DOG], ids=["a"])  # type: ignore[arg-type]
    assert made == ConceptRequest((DOG,), ("a",))
    assert hash(made) == hash(ConceptRequest((DOG,), ("a",)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ConceptRequest(()), "at least one concept, got none"),
        (
            lambda: ConceptRequest(concepts(MAX_CONCEPTS + 1)),
            f"at most {MAX_CONCEPTS} concepts, got {MAX_CONCEPTS + 1}",
        ),
        (lambda: ConceptRequest((DOG, CAT), ("a",)), "2 different ids, got 1"),
        (lambda: ConceptRequest((DOG, CAT), ("a", "a")), "2 different ids, got 1"),
        (lambda: ConceptRequest((DOG,), ("a", "b")), "1 different ids, got 2"),
        (lambda: ConceptRequest((DOG,), score_threshold=1.1), r"score_threshold in \[0, 1\]"),
        (lambda: ConceptRequest((DOG,), score_threshold=float("nan")), r"\[0, 1\], got nan"),
        (lambda: VisualRequest(()), "at least one object, got none"),
        (
            lambda: VisualRequest((OBJECT,) * (MAX_OBJECTS + 1)),
            f"at most {MAX_OBJECTS} objects, got {MAX_OBJECTS + 1}",
        ),
        (lambda: VisualRequest((OBJECT, OBJECT), ("a", "a")), "2 different ids, got 1"),
        (lambda: refined(MAX_DEPTH + 1), f"at most {MAX_DEPTH} refined masks"),
        (lambda: VisualObject(Step(NEGATIVE)), "got negative points alone"),
        (lambda: VisualObject(Step(CLICK, base=Step(NEGATIVE))), "got negative points alone"),
        (lambda: visual_request(CLICK, NEGATIVE), "got negative points alone"),
    ],
)
def test_what_no_image_could_answer_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(InvalidPromptError, match=f"^expected .*{said}"):
        make()


def test_what_stands_just_at_the_limits_is_asked() -> None:
    assert len(ConceptRequest(concepts(MAX_CONCEPTS)).ids) == MAX_CONCEPTS
    assert len(VisualRequest((OBJECT,) * MAX_OBJECTS).ids) == MAX_OBJECTS
    deepest = refined(MAX_DEPTH)
    assert len(deepest.chain) == MAX_DEPTH + 1
    assert deepest.chain[0] == Step(CLICK)
    assert deepest.chain[-1] is deepest
    for threshold in (0.0, 1.0):
        assert ConceptRequest((DOG,), score_threshold=threshold).score_threshold == threshold


def test_negative_clicks_alone_correct_a_mask() -> None:
    VisualObject(Step(NEGATIVE, base=Step(CLICK)))
    VisualObject(Step(NEGATIVE), mask_input=np.zeros((4, 4), np.float32))


def test_a_concepts_own_threshold_wins_and_a_low_one_lowers_the_floor() -> None:
    request = ConceptRequest((DOG, CAT), score_threshold=0.3)
    assert [request.threshold_of(prompt) for prompt in request.prompts] == [0.3, 0.9]
    assert request.score_floor == SCORE_FLOOR
    low = SCORE_FLOOR / 2
    assert ConceptRequest((DOG, CAT), score_threshold=low).score_floor == low
    own = ConceptPrompt("cat", score_threshold=0.0)
    assert ConceptRequest((DOG, own)).score_floor == 0.0
    assert ConceptRequest((own,)).threshold_of(own) == 0.0  # which is no missing one
    assert without_threshold(own) == ConceptPrompt("cat")


def test_the_networks_answer_to_a_step_hangs_on_the_choice_before_it_alone() -> None:
    first = Step(CLICK)
    assert Step(CLICK, choice=2).key == first.key
    assert Step(CLICK, base=first).key != first.key
    assert Step(CLICK, base=first).key != Step(CLICK, base=Step(CLICK, choice=1)).key


def exemplars(*boxes: tuple[float, float, float, float]) -> ConceptPrompt:
    return ConceptPrompt("cat", tuple(Exemplar(box) for box in boxes))


def clicks(*points: tuple[float, float]) -> VisualPrompt:
    return VisualPrompt(tuple(Click(x, y) for x, y in points))


INSIDE, OUTSIDE = (-5.0, -5.0, 1.0, 1.0), (200.0, 0.0, 210.0, 9.0)


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (ConceptRequest((DOG, exemplars(INSIDE, OUTSIDE))), ("prompts", 1, "exemplars", 1)),
        (ConceptRequest((exemplars((0, 100, 9, 109)), DOG)), ("prompts", 0, "exemplars", 0)),
        (
            visual_request(CLICK, clicks((0, 0), (200, 100), (200.5, 0))),
            ("objects", 1, "clicks", 2),
        ),
        (visual_request(clicks((0, 100.5))), ("objects", 0, "clicks", 0)),
        (visual_request(clicks((-0.5, 0))), ("objects", 0, "clicks", 0)),
        (visual_request(CLICK, VisualPrompt(box_xyxy=OUTSIDE)), ("objects", 1, "box")),
        (
            VisualRequest((VisualObject(Step(CLICK, base=Step(clicks((0, -1))))),)),
            ("objects", 0, "clicks", 0),
        ),
    ],
)
def test_what_lies_outside_an_image_is_named(
    request_: ConceptRequest | VisualRequest, where: tuple[str | int, ...]
) -> None:
    with pytest.raises(InvalidPromptError, match="image of 200 x 100 pixels") as refused:
        request_.check_inside(IMAGE_SIZE)
    assert refused.value.where == where


@pytest.mark.parametrize(
    "request_",
    [
        ConceptRequest((DOG, exemplars(INSIDE, (199, 99, 300, 300)))),
        visual_request(clicks((0, 0), (200, 100)), VisualPrompt(box_xyxy=INSIDE)),
        VisualRequest((VisualObject(refined(3)),)),
    ],
)
def test_what_reaches_into_an_image_is_asked(request_: ConceptRequest | VisualRequest) -> None:
    request_.check_inside(IMAGE_SIZE)
