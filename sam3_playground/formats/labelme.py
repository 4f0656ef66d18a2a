"""LabelMe's JSON, a file for each image (labelme, `label_file.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sam3_playground.core.results import Instance
from sam3_playground.formats.outlines import corners_of, part_outlines
from sam3_playground.formats.segmented import File, Segmented

# The version whose form this is.
_VERSION = "5.5.0"


def labelme(entry: Segmented, _: Sequence[str]) -> Iterator[File]:
    """`NAME.json`: a polygon for each part, those of one instance with one `group_id`.

    Holes are joined to their part by seams. The score stands in `description`. The image is
    pointed at, not held.
    """
    name = f"{entry.name}.json"
    height, width = entry.result.image_size
    values: dict[str, Any] = {
        "version": _VERSION,
        "flags": {},
        "shapes": [
            shape
            for number, item in enumerate(entry.shown, start=1)
            for shape in _shapes(item, number)
        ],
        "imagePath": entry.seen_from(name),
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    text = json.dumps(values, ensure_ascii=False, indent=2)
    yield File(name, [f"{text}\n".encode("utf-8", errors="replace")])


def _shapes(item: Instance, number: int) -> Iterator[dict[str, Any]]:
    outlines = part_outlines(item.mask)
    for outline in outlines:
        yield {
            "label": item.label,
            "points": list(corners_of(outline)),
            "group_id": number if len(outlines) > 1 else None,
            "description": f"score {item.score:.4f}",
            "shape_type": "polygon",
            "flags": {},
            "mask": None,
        }
