"""Results in the form of Roboflow's SAM 3 API, as plain JSON values.

A file of the command line is the same form, and says in the same document what it is of.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.formats.masks import Way

COORDINATES = (
    "Pixels of the image as a viewer shows it, turned as its EXIF says, from its top left corner. "
    "A polygon's corner [x, y] is a pixel of the mask by its column and row, counted from 0: "
    "cv2.fillPoly draws the mask. A box runs along the edges of pixels: [0, 0, 1, 1] is the first "
    "one. RLE is COCO's, its size [height, width]."
)


def prediction(instance: Instance, way: Way) -> dict[str, Any]:
    """One instance, its mask written in a way that says which it is."""
    name, masks = way.write(instance)
    return {"format": name, "confidence": instance.score, "masks": masks}


def document(result: Result, *, way: Way, source: str) -> dict[str, Any]:
    """A response that stands alone: what it is of comes first, the response's own keys after.

    Args:
        result: Over an image that was turned as its EXIF says.
        way: How masks are written.
        source: The image's file, as the user named it.
    """
    height, width = result.image_size
    about: dict[str, Any] = {
        "image": source,
        "width": width,
        "height": height,
        "coordinates": COORDINATES,
        "weights": result.weights,
    }
    seconds = round(result.timings.seconds, 4)
    if any(isinstance(found.prompt, VisualPrompt) for found in result.prompt_results):
        return about | visual_response(result, way=way, seconds=seconds)
    about["nms"] = asdict(result.nms)
    return about | concept_response(result, way=way, seconds=seconds)


def echo(index: int, prompt: ConceptPrompt) -> dict[str, Any]:
    """What was asked, without the pixels of it."""
    return {
        "prompt_index": index,
        "type": "visual" if prompt.exemplars else "text",
        "text": prompt.text,
        "num_boxes": len(prompt.exemplars),
    }


def concept_response(result: Result, *, way: Way, seconds: float) -> dict[str, Any]:
    """The answer to a concept request: an entry for each prompt, with all its instances.

    Where NMS was asked for, an entry says too how many it took, and for whom.
    """
    entries = []
    for index, found in enumerate(result.prompt_results):
        entry = _prompt_result(index, found, way)
        if isinstance(found.prompt, ConceptPrompt):
            entry["echo"] = echo(index, found.prompt)
        if result.nms.mode != "off":
            entry["suppressed"] = [asdict(item) for item in found.suppressed]
        entries.append(entry)
    return {"prompt_results": entries, "time": seconds}


def visual_response(result: Result, *, way: Way, seconds: float) -> dict[str, Any]:
    """The answer to a visual request: flat as the real server sends it, and by prompt."""
    results = [
        _prompt_result(index, found, way) for index, found in enumerate(result.prompt_results)
    ]
    flat = [entry for found in results for entry in found["predictions"]]
    return {"predictions": flat, "prompt_results": results, "time": seconds}


def _prompt_result(index: int, result: PromptResult, way: Way) -> dict[str, Any]:
    return {
        "prompt_index": index,
        "predictions": [prediction(instance, way) for instance in result.instances],
    }
