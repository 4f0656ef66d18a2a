"""The requests that `/docs` offers to try, as the hosted API's page shows them."""

from __future__ import annotations

from typing import Any

from fastapi.openapi.models import Example

_IMAGE = {"type": "url", "value": "https://media.roboflow.com/inference/people-walking.jpg"}
_BOX = {"x": 1409, "y": 705, "width": 112, "height": 183}
_OTHER_BOX = {"x": 1216, "y": 496, "width": 124, "height": 184}
_CLICK = {"x": 1465, "y": 796, "positive": True}


def _concepts(*prompts: dict[str, Any]) -> dict[str, Any]:
    return {
        "image": _IMAGE,
        "prompts": list(prompts),
        "output_prob_thresh": 0.5,
        "format": "polygon",
    }


CONCEPT_EXAMPLES: dict[str, Example] = {
    "text": Example(
        summary="Words",
        value=_concepts({"type": "text", "text": "person"}, {"type": "text", "text": "backpack"}),
    ),
    "exemplar": Example(
        summary="A box around an example (top left corner)",
        value=_concepts({"type": "visual", "boxes": [_BOX], "box_labels": [1]}),
    ),
    "combined": Example(
        summary="Words, an example, and what is not meant",
        value=_concepts(
            {
                "type": "visual",
                "text": "person",
                "boxes": [_BOX, _OTHER_BOX],
                "box_labels": [1, 0],
            }
        ),
    ),
}

VISUAL_EXAMPLES: dict[str, Example] = {
    "click": Example(
        summary="A click and a box (by its centre)",
        value={
            "image": _IMAGE,
            "prompts": {
                "prompts": [
                    {"points": [_CLICK], "box": {"x": 1465, "y": 796, "width": 112, "height": 183}}
                ]
            },
            "multimask_output": False,
            "format": "json",
        },
    ),
    "refine": Example(
        summary="A bare list of prompts, kept for refinement, as RLE",
        value={
            "image": _IMAGE,
            "prompts": [{"points": [_CLICK]}],
            "save_logits_to_cache": True,
            "load_logits_from_cache": True,
            "format": "rle",
        },
    ),
}

EMBED_EXAMPLES: dict[str, Example] = {
    "embed": Example(summary="Encode ahead", value={"image": _IMAGE, "image_id": "people"}),
}
