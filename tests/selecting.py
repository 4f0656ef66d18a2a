"""Selections by their options alone, for tests that begin with candidates."""

from __future__ import annotations

from collections.abc import Sequence

from sam3_playground.core import selection
from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.nms import NO_NMS, Nms
from sam3_playground.core.requests import (
    DEFAULT_SCORE_THRESHOLD,
    ConceptRequest,
    VisualObject,
    VisualRequest,
)
from sam3_playground.core.results import Result
from sam3_playground.core.steps import Step


def across(iou_threshold: float | None) -> Nms:
    """As the wire has it: NMS across concepts where a threshold is given."""
    return NO_NMS if iou_threshold is None else Nms("across", iou_threshold)


def select_concepts(
    found: Sequence[ConceptCandidates],
    image_size: tuple[int, int],
    *,
    score_threshold: float = DEFAULT_SCORE_THRESHOLD,
    nms: Nms = NO_NMS,
    cleanup: MaskCleanup = NO_CLEANUP,
) -> Result:
    prompts = tuple(concept.prompt for concept in found)
    request = ConceptRequest(prompts, (), score_threshold, nms, cleanup)
    return selection.select_concepts(request, found, image_size)


def select_visual(
    found: VisualCandidates,
    image_size: tuple[int, int],
    choice: int = 0,
    *,
    cleanup: MaskCleanup = NO_CLEANUP,
) -> Result:
    one = VisualObject(Step(found.prompt, choice))
    return selection.select_visual(VisualRequest((one,), cleanup=cleanup), [found], image_size)
