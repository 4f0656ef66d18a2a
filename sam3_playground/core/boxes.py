"""Boxes between conventions. All are (N, 4) floats; an empty (0, 4) stays one.

`xyxy` is left, top, right, bottom; `xywh` left, top and size; `cxcywh` centre and size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


def xywh_to_xyxy(boxes: Boxes) -> Boxes:
    """Top-left boxes to corner boxes."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def cxcywh_to_xyxy(boxes: Boxes) -> Boxes:
    """Centre boxes to corner boxes."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def xyxy_to_cxcywh(boxes: Boxes) -> Boxes:
    """Corner boxes to centre boxes."""
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1)
