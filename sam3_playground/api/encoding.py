"""From candidates to a request's answer, one mask at a time where that is possible.

At full size a mask takes a byte for each pixel of its box: all of a request's masks at once
can be more than a machine has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.results import Result
from sam3_playground.core.selection import select_concepts, select_visual
from sam3_playground.errors import ImageTooLargeError
from sam3_playground.formats.roboflow import (
    MaskFormat,
    concept_response,
    prediction,
    visual_response,
)

# Suppression compares masks with each other, so it needs all of them.
MAX_MASK_BYTES = 2 * 2**30


def concept_answer(
    concepts: Sequence[ConceptCandidates],
    image_size: tuple[int, int],
    *,
    score_threshold: float,
    iou_threshold: float | None,
    mask_format: MaskFormat,
    cleanup: MaskCleanup = NO_CLEANUP,
    go_on: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """The values of an answer about concepts; `time` is 0.0 still.

    Args:
        concepts: What was found for each concept.
        image_size: (height, width) in pixels.
        score_threshold: In [0, 1]; a concept's own wins over it.
        iou_threshold: For suppression across concepts; None for none.
        mask_format: Polygons or RLE.
        cleanup: What is done to each mask.
        go_on: Called between masks; raises where nobody waits for the answer any more.

    Raises:
        ImageTooLargeError: Suppression over masks of more than `MAX_MASK_BYTES` together.
    """
    if iou_threshold is not None:
        _check_mask_bytes(concepts, score_threshold, image_size)
        segmentation = select_concepts(
            concepts,
            image_size,
            score_threshold=score_threshold,
            iou_threshold=iou_threshold,
            cleanup=cleanup,
        )
        return concept_response(segmentation, mask_format=mask_format, seconds=0.0)
    nothing = [replace(concept, candidates=()) for concept in concepts]
    values = concept_response(
        select_concepts(nothing, image_size, score_threshold=score_threshold),
        mask_format=mask_format,
        seconds=0.0,
    )
    for concept, entry in zip(concepts, values["prompt_results"], strict=True):
        for candidate in concept.candidates:
            go_on()
            # A candidate keeps the mask that it has made: this copy goes with it.
            alone = replace(concept, candidates=(replace(candidate),))
            found = select_concepts(
                [alone], image_size, score_threshold=score_threshold, cleanup=cleanup
            )
            entry["predictions"] += [prediction(one, mask_format) for one in found.instances]
    return values


def visual_answer(
    objects: Sequence[VisualCandidates],
    image_size: tuple[int, int],
    *,
    mask_format: MaskFormat,
    cleanup: MaskCleanup = NO_CLEANUP,
) -> dict[str, Any]:
    """The values of an answer about clicks and boxes: the best mask of each prompt.

    `time` is 0.0 still. Where the cleanup leaves nothing of a mask, its prompt has no
    prediction.
    """
    values = visual_response(Result(image_size, ()), mask_format=mask_format, seconds=0.0)
    for index, found in enumerate(objects):
        # A copy, as above.
        alone = replace(found, candidates=tuple(map(replace, found.candidates)))
        one = visual_response(
            select_visual(alone, image_size, cleanup=cleanup),
            mask_format=mask_format,
            seconds=0.0,
        )
        values["predictions"] += one["predictions"]
        values["prompt_results"] += [
            entry | {"prompt_index": index} for entry in one["prompt_results"]
        ]
    return values


def _check_mask_bytes(
    concepts: Sequence[ConceptCandidates], score_threshold: float, image_size: tuple[int, int]
) -> None:
    total = 0
    for concept in concepts:
        own = concept.prompt.score_threshold
        threshold = score_threshold if own is None else own
        total += sum(
            _mask_bytes(candidate, image_size)
            for candidate in concept.candidates
            if candidate.score >= threshold
        )
    if total > MAX_MASK_BYTES:
        raise ImageTooLargeError(
            f"expected masks of at most {MAX_MASK_BYTES:,} bytes together for suppression, got "
            f"about {total:,}: send a smaller image, a higher output_prob_thresh or fewer prompts"
        )


def _mask_bytes(candidate: Candidate, image_size: tuple[int, int]) -> int:
    """About the bytes of the full-size mask: those of the box around its positive logits."""
    positive = candidate.mask_logits > 0
    rows = np.flatnonzero(positive.any(axis=1))
    columns = np.flatnonzero(positive.any(axis=0))
    if not rows.size:
        return 0
    share = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / positive.size
    return int(share * image_size[0] * image_size[1])
