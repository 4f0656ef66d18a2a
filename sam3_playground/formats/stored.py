"""Results as plain JSON values that give them back, for runs that go on where they broke off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np

from sam3_playground.core.nms import NO_NMS, Nms
from sam3_playground.core.polygons import Polygon
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request
from sam3_playground.core.results import Instance, PromptResult, Result, Suppressed
from sam3_playground.core.rle import mask_to_rle, rle_to_mask
from sam3_playground.core.segmenter import Timings
from sam3_playground.errors import InvalidFileError, PlaygroundError

_FORM = 2
_Any = TypeVar("_Any")


def result_values(result: Result) -> dict[str, Any]:
    """All of a result but its request and what the network proposed, which nobody exports."""
    return {
        "form": _FORM,
        "image_size": list(result.image_size),
        "weights": result.weights,
        "timings": asdict(result.timings),
        "prompt_results": [_prompt_values(found) for found in result.prompt_results],
    }


def _prompt_values(found: PromptResult) -> dict[str, Any]:
    return {
        "id": found.id,
        "label": found.label,
        "best_score": found.best_score,
        "score_threshold": found.score_threshold,
        "suppressed": [asdict(item) for item in found.suppressed],
        "misfits": list(found.misfits),
        "instances": [_instance_values(item) for item in found.instances],
    }


def _instance_values(item: Instance) -> dict[str, Any]:
    polygons = item.polygons
    return {
        "id": item.id,
        "label": item.label,
        "score": item.score,
        "rank": item.rank,
        "corrected": item.corrected,
        "mask": mask_to_rle(item.mask),
        "polygons": None if polygons is None else [polygon.tolist() for polygon in polygons],
    }


def result_from(values: object, request: Request) -> Result:
    """The result that `result_values` was given, without candidates.

    Args:
        values: As JSON gave them back.
        request: The one that the result answers.

    Raises:
        InvalidFileError: Values of another form, or for another request.
    """
    if isinstance(request, ConceptRequest):
        return result_for(values, request.prompts, request.nms)
    return result_for(values, [item.step.prompt for item in request.objects])


def result_for(
    values: object, prompts: Sequence[ConceptPrompt | VisualPrompt], nms: Nms = NO_NMS
) -> Result:
    """The same by what is asked, whatever requests that is of.

    Args:
        values: As JSON gave them back.
        prompts: One for each prompt's result, in order.
        nms: The suppression that was used.

    Raises:
        InvalidFileError: Values of another form, or of other prompts.
    """
    try:
        return _result(values, prompts, nms)
    except (KeyError, TypeError, ValueError, OverflowError, PlaygroundError) as error:
        raise InvalidFileError("expected a stored result, got other values") from error


def _result(values: Any, prompts: Sequence[ConceptPrompt | VisualPrompt], nms: Nms) -> Result:
    if values["form"] != _FORM:
        raise InvalidFileError(f"expected form {_FORM}, got {values['form']!s:.40}")
    height, width = values["image_size"]
    size = (int(height), int(width))
    found = [
        _prompt_result(entry, prompt, size)
        for entry, prompt in zip(values["prompt_results"], prompts, strict=True)
    ]
    return Result(
        size,
        tuple(found),
        nms=nms,
        timings=Timings(**values["timings"]),
        weights=_typed(values["weights"], str),
    )


def _prompt_result(
    entry: Any, prompt: ConceptPrompt | VisualPrompt, size: tuple[int, int]
) -> PromptResult:
    best, threshold = entry["best_score"], entry["score_threshold"]
    return PromptResult(
        prompt,
        tuple(_instance(item, size) for item in entry["instances"]),
        best_score=None if best is None else float(best),
        id=_typed(entry["id"], str),
        label=_typed(entry["label"], str),
        score_threshold=None if threshold is None else float(threshold),
        suppressed=tuple(Suppressed(**item) for item in entry["suppressed"]),
        misfits=tuple(_typed(name, str) for name in entry["misfits"]),
    )


def _instance(item: Any, size: tuple[int, int]) -> Instance:
    mask = rle_to_mask(item["mask"])
    if mask.image_size != size:
        raise InvalidFileError(f"expected masks of {size}, got {mask.image_size}")
    polygons: list[Polygon] | None = None
    if item["polygons"] is not None:
        polygons = [np.array(one, np.int32).reshape(-1, 2) for one in item["polygons"]]
    return Instance(
        _typed(item["label"], str),
        float(item["score"]),
        mask,
        id=_typed(item["id"], str),
        rank=_typed(item["rank"], int),
        corrected=_typed(item["corrected"], bool),
        polygons=None if polygons is None else tuple(polygons),
    )


def _typed(value: object, kind: type[_Any]) -> _Any:
    if not isinstance(value, kind):
        raise InvalidFileError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value
