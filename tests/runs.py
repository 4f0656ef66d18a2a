"""Masks as the page is sent them, read back with the library that made the format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco


def bitmap_of(runs: str, size: Sequence[int]) -> NDArray[np.bool_]:
    """(h, w) of runs that go through the rows of a picture of (height, width)."""
    height, width = size
    # For the library, which goes column by column, the picture lies on its side.
    columns = coco.decode({"size": [width, height], "counts": runs.encode()})
    return np.asarray(columns.T, dtype=bool)
