"""Answers are made without holding all masks at once."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from sam3_playground.api.encoding import concept_answer
from sam3_playground.core import selection
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.nms import NO_NMS, Nms
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import NO_TIME
from sam3_playground.errors import ImageTooLargeError
from sam3_playground.formats.masks import mask_way
from sam3_playground.formats.roboflow import concept_response
from sam3_playground.pipeline.answer import ConceptProposal

SIZE = (1000, 1200)
RLE = mask_way("rle")


def concept(count: int, text: str = "disc", threshold: float | None = None) -> ConceptCandidates:
    """Candidates of falling scores, whose masks are most of the image."""
    logits = np.full((36, 36), 4, np.float32)
    logits[:2] = -4
    return ConceptCandidates(
        ConceptPrompt(text, score_threshold=threshold),
        1.0,
        tuple(Candidate(1 - place / count, logits, SIZE, id=place) for place in range(count)),
    )


def proposal(
    *found: ConceptCandidates, threshold: float = 0.0, nms: Nms = NO_NMS
) -> ConceptProposal:
    prompts = tuple(concept.prompt for concept in found)
    request = ConceptRequest(prompts, score_threshold=threshold, nms=nms)
    return ConceptProposal(request, SIZE, found, NO_TIME, "fake")


@pytest.mark.parametrize("way", ["polygon", "rle"])
@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_the_answer_is_that_of_all_masks_together(way: str, threshold: float) -> None:
    concepts = [concept(4), concept(3, threshold=0.6), concept(0, "nothing")]
    proposed = proposal(*concepts, threshold=threshold)
    expected = concept_response(proposed.select(), way=mask_way(way), seconds=0.0)
    assert concept_answer(proposed, mask_way(way)) == expected


def test_memory_does_not_grow_with_the_number_of_masks() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        concept_answer(proposal(concept(count)), RLE)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < 1.5 * peak(2)


def test_suppression_over_too_many_masks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MAX_MASK_BYTES", 3 * SIZE[0] * SIZE[1])

    def suppressed(count: int) -> Any:
        return concept_answer(proposal(concept(count), nms=Nms("within", 0.5)), RLE)

    (result,) = suppressed(3)["prompt_results"]
    assert len(result["predictions"]) == 1
    assert result["suppressed"] == [{"label": "disc", "count": 2}]
    with pytest.raises(ImageTooLargeError, match="a higher threshold"):
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
        concept_answer(proposal(concept(10)), RLE, go_on=go_on)
    assert len(calls) == 3
