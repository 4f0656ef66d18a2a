"""Answers are made without holding all masks at once."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from sam3_playground.api import encoding
from sam3_playground.api.encoding import concept_answer
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.selection import select_concepts
from sam3_playground.errors import ImageTooLargeError
from sam3_playground.formats.roboflow import concept_response

SIZE = (1000, 1200)


def concept(count: int, text: str = "disc", threshold: float | None = None) -> ConceptCandidates:
    """Candidates of falling scores, whose masks are most of the image."""
    logits = np.full((36, 36), 4, np.float32)
    logits[:2] = -4
    return ConceptCandidates(
        ConceptPrompt(text, score_threshold=threshold),
        1.0,
        tuple(Candidate(1 - place / count, logits, SIZE) for place in range(count)),
    )


@pytest.mark.parametrize("mask_format", ["polygon", "rle"])
@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_the_answer_is_that_of_all_masks_together(mask_format: Any, threshold: float) -> None:
    concepts = [concept(4), concept(3, threshold=0.6), concept(0, "nothing")]
    expected = concept_response(
        select_concepts(concepts, SIZE, score_threshold=threshold),
        mask_format=mask_format,
        seconds=0.0,
    )
    answer = concept_answer(
        concepts, SIZE, score_threshold=threshold, iou_threshold=None, mask_format=mask_format
    )
    assert answer == expected


def test_memory_does_not_grow_with_the_number_of_masks() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        concept_answer(
            [concept(count)], SIZE, score_threshold=0.0, iou_threshold=None, mask_format="rle"
        )
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < 1.5 * peak(2)


def test_suppression_over_too_many_masks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_MASK_BYTES", 3 * SIZE[0] * SIZE[1])

    def suppressed(count: int) -> Any:
        return concept_answer(
            [concept(count)], SIZE, score_threshold=0.0, iou_threshold=0.5, mask_format="rle"
        )

    assert len(suppressed(3)["prompt_results"][0]["predictions"]) == 1
    with pytest.raises(ImageTooLargeError, match="higher output_prob_thresh"):
        suppressed(4)


def test_work_that_nobody_waits_for_stops_between_masks() -> None:
    class GoneError(Exception):
        pass

    calls = []

    def go_on() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise GoneError

    with pytest.raises(GoneError):
        concept_answer(
            [concept(10)],
            SIZE,
            score_threshold=0.0,
            iou_threshold=None,
            mask_format="rle",
            go_on=go_on,
        )
    assert len(calls) == 3
