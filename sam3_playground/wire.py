"""Results in the form of Roboflow's SAM 3 API, as plain JSON values."""

from __future__ import annotations

from typing import Any, Literal, get_args

from sam3_playground.core.polygons import mask_to_polygons
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Segmentation
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.errors import InvalidInputError

MaskFormat = Literal["polygon", "rle"]


def mask_format(name: str) -> MaskFormat:
    """The format of that name.

    Raises:
        InvalidInputError: There is none.
    """
    for known in get_args(MaskFormat):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise InvalidInputError(f"expected format polygon or rle, got {name}")


def prediction(instance: Instance, mask_format: MaskFormat) -> dict[str, Any]:
    """One instance: polygons as lists of [x, y], or a COCO RLE."""
    masks: Any = (
        [polygon.tolist() for polygon in mask_to_polygons(instance.mask)]
        if mask_format == "polygon"
        else dict(mask_to_rle(instance.mask))
    )
    return {"format": mask_format, "confidence": instance.score, "masks": masks}


def echo(index: int, prompt: ConceptPrompt) -> dict[str, Any]:
    """What was asked, without the pixels of it."""
    return {
        "prompt_index": index,
        "type": "visual" if prompt.exemplars else "text",
        "text": prompt.text,
        "num_boxes": len(prompt.exemplars),
    }


def concept_response(
    segmentation: Segmentation, *, mask_format: MaskFormat, seconds: float
) -> dict[str, Any]:
    """The answer to a concept request: an entry for each prompt, with all its instances."""
    results = []
    for index, result in enumerate(segmentation.prompt_results):
        entry = _prompt_result(index, result, mask_format)
        if isinstance(result.prompt, ConceptPrompt):
            entry["echo"] = echo(index, result.prompt)
        results.append(entry)
    return {"prompt_results": results, "time": seconds}


def visual_response(
    segmentation: Segmentation, *, mask_format: MaskFormat, seconds: float
) -> dict[str, Any]:
    """The answer to a visual request: flat as the real server sends it, and by prompt."""
    results = [
        _prompt_result(index, result, mask_format)
        for index, result in enumerate(segmentation.prompt_results)
    ]
    flat = [entry for result in results for entry in result["predictions"]]
    return {"predictions": flat, "prompt_results": results, "time": seconds}


def _prompt_result(index: int, result: PromptResult, mask_format: MaskFormat) -> dict[str, Any]:
    return {
        "prompt_index": index,
        "predictions": [prediction(instance, mask_format) for instance in result.instances],
    }
