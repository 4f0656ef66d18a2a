"""Masks as polygons, as OpenCV traces them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask


def mask_to_polygons(mask: Mask) -> list[NDArray[np.int32]]:
    """The outer contours of a mask, each (K, 2) int32 corners (x, y) in image pixels.

    `cv2.findContours` with RETR_EXTERNAL and CHAIN_APPROX_SIMPLE: corners are pixel centres
    by their index, holes are lost, and a contour of one or two pixels has as many corners.
    An empty mask has one contour without corners, (0, 2): so the reference server answers.
    """
    if mask.is_empty:
        return [np.zeros((0, 2), dtype=np.int32)]
    # A trimmed crop is true up to its edges. Older OpenCV took a bitmap's outermost pixels
    # for background; inside a false frame every version traces the same.
    framed = np.pad(mask.bits.astype(np.uint8), 1)
    contours, _ = cv2.findContours(framed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    y, x = mask.offset
    shift = np.array([x - 1, y - 1], dtype=np.int32)
    return [contour.reshape(-1, 2).astype(np.int32) + shift for contour in contours]
