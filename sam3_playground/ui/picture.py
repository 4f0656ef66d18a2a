"""What the page shows of a result, as JSON values: pictures, lists, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.core.selection import select_concepts, select_visual
from sam3_playground.formats.picture import COLOURS, draw_overlay
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.overlay import (
    THUMBNAIL_SIDE,
    around,
    crop_mask,
    draw_thumbnail,
    index_map,
    jpeg_url,
    png_url,
    scaled,
    screen_size,
    shrink,
)
from sam3_playground.ui.session import StepKey

_NOTHING_YET = ConceptPrompt("object")

Picture = dict[str, Any]


@dataclass(frozen=True)
class _Row:
    """One concept or object: its instances, and which candidates they were."""

    label: str
    result: PromptResult
    indices: tuple[int, ...]
    threshold: float | None = None


def concept_picture(
    image: RgbImage, ask: Ask, found: Mapping[ConceptPrompt, ConceptCandidates]
) -> Picture:
    """The concept tab: what its thresholds keep of the candidates.

    Args:
        image: The image.
        ask: Thresholds, style and what is hidden.
        found: Candidates of every concept of the ask, by the concept without its threshold.
    """
    candidates = [
        replace(found[replace(concept, score_threshold=None)], prompt=concept)
        for concept in ask.concepts
    ]
    selected = select_concepts(
        candidates,
        image.size,
        score_threshold=ask.score_threshold,
        iou_threshold=ask.iou_threshold,
        cleanup=ask.cleanup,
    )
    rows = []
    for concept, result in zip(candidates, selected.prompt_results, strict=True):
        own = concept.prompt.score_threshold
        threshold = ask.score_threshold if own is None else own
        indices = tuple(instance.candidate for instance in result.instances)
        rows.append(_Row(concept.prompt.label, result, indices, threshold))
    return _picture(image, ask, rows) | {"candidates": []}


def object_picture(image: RgbImage, ask: Ask, found: Mapping[StepKey, VisualCandidates]) -> Picture:
    """The visual tab: every object's chosen mask, and the active object's candidates."""
    rows = []
    candidates: list[Picture] = []
    for place, named in enumerate(ask.objects):
        label = named.label(place)
        if named.step is None:
            # An object without a click keeps its row, so that all keep their colours.
            rows.append(_Row(label, PromptResult(_NOTHING_YET, ()), ()))
            continue
        proposed = found[StepKey(named.step.prompt, named.step.base)]
        chosen = select_visual(
            proposed, image.size, named.step.choice, label=label, cleanup=ask.cleanup
        )
        (result,) = chosen.prompt_results
        # Whatever was chosen: an object that is hidden stays so with another candidate.
        rows.append(_Row(label, result, (0,) * len(result.instances)))
        if place == ask.active:
            candidates = _thumbnails(image, proposed, COLOURS[place % len(COLOURS)])
    return _picture(image, ask, rows) | {"candidates": candidates}


def _picture(image: RgbImage, ask: Ask, rows: Sequence[_Row]) -> Picture:
    size = screen_size(image.size)
    nothing = Mask(image.size, (0, 0), np.zeros((0, 0), dtype=bool))
    drawn = Result(
        image.size,
        tuple(
            replace(
                row.result,
                instances=tuple(
                    # A hidden one keeps its place, so that the others keep their colours.
                    replace(instance, mask=nothing) if (number, index) in ask.hidden else instance
                    for index, instance in zip(row.indices, row.result.instances, strict=True)
                ),
            )
            for number, row in enumerate(rows)
        ),
    )
    small = scaled(drawn, size)
    masks = [instance.mask for instance in small.instances]
    visible = any(not mask.is_empty for mask in masks)
    places = iter(range(1, len(masks) + 1))
    return {
        "overlay": png_url(draw_overlay(small, ask.style)) if visible else None,
        "index_map": png_url(index_map(masks, size)) if visible else None,
        "rows": [
            {
                "label": row.label,
                "threshold": row.threshold,
                "best": row.result.best_score,
                "instances": [
                    _listed(instance, (number, index), next(places))
                    for index, instance in zip(row.indices, row.result.instances, strict=True)
                ],
            }
            for number, row in enumerate(rows)
        ],
    }


def _listed(instance: Instance, identity: tuple[int, int], number: int) -> Picture:
    return {
        "id": list(identity),
        "number": number,
        "score": instance.score,
        "area": instance.mask.area,
        "box": list(instance.mask.box_xyxy),
    }


def _thumbnails(image: RgbImage, proposed: VisualCandidates, colour: str) -> list[Picture]:
    """Each candidate over the part of the image where they differ."""
    masks = [candidate.mask for candidate in proposed.candidates]
    y0, x0, y1, x1 = around(masks, image.size)
    part = shrink(RgbImage(image.pixels[y0:y1, x0:x1]), THUMBNAIL_SIDE)
    return [
        {
            "score": candidate.score,
            "thumbnail": jpeg_url(draw_thumbnail(part, crop_mask(mask, (y0, x0, y1, x1)), colour)),
        }
        for candidate, mask in zip(proposed.candidates, masks, strict=True)
    ]
