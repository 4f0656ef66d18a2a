"""Boxes between conventions. All are (N, 4) floats; an empty (0, 4) stays one.

`xyxy` is left, top, right, bottom; `xywh` left, top and size; `cxcywh` centre and size.
The unit does not matter: pixels stay pixels, and shares of the image stay shares.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sam3_playground.errors import InvalidInputError

Boxes = NDArray[np.float64]


def xywh_to_xyxy(boxes: Boxes) -> Boxes:
    """Top-left boxes to corner boxes."""
    _check_shape(boxes)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def cxcywh_to_xyxy(boxes: Boxes) -> Boxes:
    """Centre boxes to corner boxes."""
    _check_shape(boxes)
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def xyxy_to_cxcywh(boxes: Boxes) -> Boxes:
    """Corner boxes to centre boxes."""
    _check_shape(boxes)
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1)


def _check_shape(boxes: Boxes) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidInputError(f"expected boxes of shape (N, 4), got {boxes.shape}")
