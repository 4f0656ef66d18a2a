"""COCO's instances: one JSON file for all images (cocodataset.org, "Data format").

supervision's writer turns holes and parts into crowds and drops the scores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sam3_playground.core.masks import Mask
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.formats.outlines import edge_polygons
from sam3_playground.formats.segmented import File, Segmented, class_places


def coco_rle(segmented: Iterable[Segmented], classes: Sequence[str]) -> Iterator[File]:
    """Masks as compressed run-length encodings: every pixel, without the holes.

    Categories are the classes, counted from 1. Annotations have a `score`, and `iscrowd` is 0.
    Instances without a pixel are left out; images without instances are not.

    Args:
        segmented: Taken one by one; nothing of an image but its name and size is kept.
        classes: The label of every instance is among them.
    """
    return iter([File("instances.json", _chunks(segmented, classes, _rle))])


def coco_polygons(segmented: Iterable[Segmented], classes: Sequence[str]) -> Iterator[File]:
    """The same with outer outlines along the edges of pixels, as pycocotools fills them."""
    return iter([File("instances.json", _chunks(segmented, classes, _polygons))])


def _rle(mask: Mask) -> Any:
    return mask_to_rle(mask)


def _polygons(mask: Mask) -> Any:
    return [polygon.ravel().tolist() for polygon in edge_polygons(mask)]


def _chunks(
    segmented: Iterable[Segmented], classes: Sequence[str], write: Callable[[Mask], Any]
) -> Iterator[bytes]:
    categories = [
        {"id": number, "name": label, "supercategory": ""}
        for number, label in enumerate(classes, start=1)
    ]
    images: list[dict[str, Any]] = []
    dump = partial(json.dumps, ensure_ascii=False)
    yield f'{{"info": {{}}, "licenses": [], "categories": {dump(categories)}'.encode()
    yield b', "annotations": ['
    places, number = class_places(classes), 0
    for entry in segmented:
        height, width = entry.result.image_size
        images.append(
            {"id": len(images) + 1, "file_name": entry.source, "width": width, "height": height}
        )
        for item in entry.shown:
            x0, y0, x1, y1 = item.mask.box_xyxy
            annotation = {
                "id": number + 1,
                "image_id": len(images),
                "category_id": places[item.label] + 1,
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "area": item.mask.area,
                "segmentation": write(item.mask),
                "iscrowd": 0,
                "score": item.score,
            }
            yield f"{',' if number else ''}\n{dump(annotation)}".encode()
            number += 1
    yield f'],\n"images": {dump(images)}}}\n'.encode("utf-8", errors="replace")
