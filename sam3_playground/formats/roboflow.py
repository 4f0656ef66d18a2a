"""Results in the form of Roboflow's SAM 3 API, as plain JSON values.

A file of the command line is the same form, and says in the same document what it is of.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from sam3_playground.core.polygons import polygons_hold
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.errors import InvalidInputError

# "auto" is no format of the API: each prediction says which one it got.
MaskFormat = Literal["auto", "polygon", "rle"]

COORDINATES = (
    "Pixels of the image as a viewer shows it, turned as its EXIF says, from its top left corner. "
    "A polygon's corner [x, y] is a pixel of the mask by its column and row, counted from 0: "
    "cv2.fillPoly draws the mask. A box runs along the edges of pixels: [0, 0, 1, 1] is the first "
    "one. RLE is COCO's, its size [height, width]."
)


def mask_format(name: str) -> MaskFormat:
    """The format of that name.

    Raises:
        InvalidInputError: There is none.
    """
    for known in get_args(MaskFormat):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise InvalidInputError(f"expected format auto, polygon or rle, got {name}")


def prediction(instance: Instance, mask_format: MaskFormat) -> dict[str, Any]:
    """One instance: polygons as lists of [x, y], or a COCO RLE; "auto" takes what holds the mask.

    Polygons are outer outlines, so that a hole is lost, and a part of one or two pixels has as
    many corners.
    """
    masks: Any
    polygons = () if mask_format == "rle" else instance.outlines
    if mask_format == "auto":
        mask_format = "polygon" if polygons_hold(instance.mask, polygons) else "rle"
    if mask_format == "polygon":
        masks = [polygon.tolist() for polygon in polygons]
    else:
        masks = dict(mask_to_rle(instance.mask))
    return {"format": mask_format, "confidence": instance.score, "masks": masks}


def document(
    response: dict[str, Any], *, source: str, image_size: tuple[int, int]
) -> dict[str, Any]:
    """A response that stands alone: what it is of comes first, the response's own keys after.

    Args:
        response: Of `concept_response` or `visual_response`.
        source: The image's file, as the user named it.
        image_size: (height, width) in pixels, after the image was turned as its EXIF says.
    """
    height, width = image_size
    about = {"image": source, "width": width, "height": height, "coordinates": COORDINATES}
    return about | response


def echo(index: int, prompt: ConceptPrompt) -> dict[str, Any]:
    """What was asked, without the pixels of it."""
    return {
        "prompt_index": index,
        "type": "visual" if prompt.exemplars else "text",
        "text": prompt.text,
        "num_boxes": len(prompt.exemplars),
    }


def concept_response(
    segmentation: Result, *, mask_format: MaskFormat, seconds: float
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
    segmentation: Result, *, mask_format: MaskFormat, seconds: float
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
