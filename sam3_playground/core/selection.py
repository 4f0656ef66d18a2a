"""From candidates to instances: thresholds, cleanup, suppression. No network, no full image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup, Shape, clean
from sam3_playground.core.nms import suppress
from sam3_playground.core.prompts import validated_unit_interval
from sam3_playground.core.results import (
    Candidate,
    ConceptCandidates,
    Instance,
    PromptResult,
    Segmentation,
    VisualCandidates,
)
from sam3_playground.errors import InvalidInputError

DEFAULT_SCORE_THRESHOLD = 0.5
DEFAULT_IOU_THRESHOLD = 0.7


def select_concepts(
    candidates: Sequence[ConceptCandidates],
    image_size: tuple[int, int],
    *,
    score_threshold: float = DEFAULT_SCORE_THRESHOLD,
    iou_threshold: float | None = None,
    cleanup: MaskCleanup = NO_CLEANUP,
) -> Segmentation:
    """Keep what reaches its threshold, clean its masks, then suppress across all concepts.

    Only masks of candidates that reach their threshold are made. Empty masks are instances
    like others, as on the reference server, unless the cleanup wants an area. Suppression
    comes last, so that what it compares is what comes out, and what was dropped suppresses
    nothing.

    Args:
        candidates: One entry for each concept; none give a segmentation without results.
        image_size: (height, width) in pixels.
        score_threshold: In [0, 1]; a concept's own threshold wins over it. A score equal to
            it is kept, so 0 keeps all.
        iou_threshold: In [0, 1]; of two masks that overlap by more, the better one stays,
            whatever their concepts. None suppresses nothing.
        cleanup: What is done to each mask; an instance that it leaves nothing of goes.

    Raises:
        InvalidInputError: A threshold outside [0, 1], a score that is NaN, or candidates of
            an image of another size.
    """
    validated_unit_interval(score_threshold, name="score_threshold")
    if iou_threshold is not None:
        validated_unit_interval(iou_threshold, name="iou_threshold")
    kept: list[tuple[int, Instance]] = []
    for row, concept in enumerate(candidates):
        _check(concept.candidates, image_size)
        own = concept.prompt.score_threshold
        threshold = score_threshold if own is None else own
        for place, found in enumerate(concept.candidates):
            shape = clean(found.mask, cleanup) if found.score >= threshold else None
            if shape is not None:
                kept.append((row, _instance(concept.prompt.label, found, place, shape)))
    if iou_threshold is not None:
        stay = suppress(
            [instance.mask for _, instance in kept],
            [instance.score for _, instance in kept],
            iou_threshold=iou_threshold,
        )
        kept = [kept[index] for index in stay]
    return Segmentation(
        image_size,
        tuple(
            PromptResult(
                concept.prompt,
                tuple(instance for owner, instance in kept if owner == row),
                max((candidate.score for candidate in concept.candidates), default=None),
            )
            for row, concept in enumerate(candidates)
        ),
    )


def select_visual(
    candidates: VisualCandidates,
    image_size: tuple[int, int],
    index: int = 0,
    *,
    label: str = "object",
    cleanup: MaskCleanup = NO_CLEANUP,
) -> Segmentation:
    """The one mask that a user chose of a visual prompt's candidates, the best one first.

    Its result has no instance where the cleanup leaves nothing of the mask.

    Raises:
        InvalidInputError: There is no candidate of that index, a score is NaN, or the
            candidates are of an image of another size.
    """
    _check(candidates.candidates, image_size)
    if not 0 <= index < len(candidates.candidates):
        raise InvalidInputError(
            f"expected a candidate from 0 to {len(candidates.candidates) - 1}, got {index}"
        )
    chosen = candidates.candidates[index]
    best = max(candidate.score for candidate in candidates.candidates)
    shape = clean(chosen.mask, cleanup)
    instances = () if shape is None else (_instance(label, chosen, index, shape),)
    return Segmentation(image_size, (PromptResult(candidates.prompt, instances, best),))


def _instance(label: str, candidate: Candidate, place: int, shape: Shape) -> Instance:
    return Instance(label, candidate.score, shape.mask, place, shape.polygons)


def _check(candidates: Sequence[Candidate], image_size: tuple[int, int]) -> None:
    for candidate in candidates:
        if math.isnan(candidate.score):
            raise InvalidInputError("expected scores as numbers, got NaN")
        if tuple(candidate.image_size) != tuple(image_size):
            raise InvalidInputError(
                f"expected candidates of an image of (height, width) {image_size}, "
                f"got {candidate.image_size}"
            )
