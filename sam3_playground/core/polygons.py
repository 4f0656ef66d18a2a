"""Masks as polygons, as OpenCV traces them, and what readers make of the polygons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import Mask
from sam3_playground.core.rle import mask_to_rle

# (K, 2) int32 corners (x, y): pixels by their column and row.
Polygon: TypeAlias = NDArray[np.int32]

# How much of a mask pycocotools has to give back. It takes a corner for a point between pixels
# and so loses half a pixel all around: a tenth of a disc that is 20 pixels wide.
LEAST_COCO_IOU = 0.9


def mask_to_polygons(mask: Mask) -> list[Polygon]:
    """The outer contours of a mask, each (K, 2) int32 corners (x, y) in image pixels.

    `cv2.findContours` with RETR_EXTERNAL and CHAIN_APPROX_SIMPLE: corners are pixel centres
    by their index, holes are lost, and a contour of one or two pixels has as many corners.
    An empty mask has one contour without corners, (0, 2): so the reference server answers.
    """
    if mask.is_empty:
        return [np.zeros((0, 2), dtype=np.int32)]
    contours, _ = cv2.findContours(_framed(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    y, x = mask.offset
    return _shifted(contours, x - 1, y - 1)


@dataclass(frozen=True, eq=False)
class Part:
    """One connected part of a mask, over corners too, by its outlines.

    Attributes:
        outline: Its outer contour.
        holes: The contours of its holes; they run over pixels of the part.
        outermost: Whether it does not lie in a hole of another part.
    """

    outline: Polygon
    holes: tuple[Polygon, ...]
    outermost: bool


def trace_parts(mask: Mask) -> list[Part]:
    """All parts of a mask, their contours in pixels of its crop; none of an empty one."""
    if mask.is_empty:
        return []
    found, tree = cv2.findContours(_framed(mask), cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    contours, parents = _shifted(found, -1, -1), tree[0, :, 3].tolist()
    holes: dict[int, list[Polygon]] = {}
    # What lies around a contour stands before it.
    for number, parent in enumerate(parents):
        if parent in holes:
            holes[parent].append(contours[number])
        else:
            holes[number] = []
    return [
        Part(contours[number], tuple(inner), parents[number] < 0) for number, inner in holes.items()
    ]


def polygons_hold(mask: Mask, polygons: Sequence[Polygon]) -> bool:
    """Whether readers get the mask back from its outer contours.

    No polygon has fewer than three corners, filling them with OpenCV gives exactly the mask, and
    pycocotools an IoU of at least `LEAST_COCO_IOU` with it. Not so for an empty mask, nor for one
    with a hole.

    Args:
        mask: The mask.
        polygons: In image pixels.
    """
    if not polygons or any(len(polygon) < 3 for polygon in polygons):
        return False
    y, x = mask.offset
    filled = np.zeros(mask.bits.shape, np.uint8)
    for polygon in _shifted(polygons, -x, -y):
        cv2.fillPoly(filled, [polygon], 1)
    if not np.array_equal(filled.view(bool), mask.bits):
        return False
    corners = [polygon.ravel().tolist() for polygon in polygons]
    read = coco.merge(coco.frPyObjects(corners, *mask.image_size))
    return bool(coco.iou([read], [mask_to_rle(mask)], [False])[0, 0] >= LEAST_COCO_IOU)


def _framed(mask: Mask) -> NDArray[np.uint8]:
    """The crop inside a false frame of one pixel.

    A trimmed crop is true up to its edges. Older OpenCV took a bitmap's outermost pixels for
    background; inside a frame every version traces the same.
    """
    return np.pad(mask.bits.astype(np.uint8), 1)


def _shifted(contours: Sequence[NDArray[Any]], x: int, y: int) -> list[Polygon]:
    shift = np.array([x, y], dtype=np.int32)
    return [contour.reshape(-1, 2).astype(np.int32) + shift for contour in contours]
