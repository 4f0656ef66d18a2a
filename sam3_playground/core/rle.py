"""Masks as COCO run-length encodings: column by column, compressed to a string.

The format is that of the COCO API (cocodataset/cocoapi, common/maskApi.c).
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.errors import InvalidFileError

# No image that this project opens has more pixels.
MAX_PIXELS = 2**28


class Rle(TypedDict):
    """A compressed run-length encoding: [height, width] and the runs as ASCII."""

    size: list[int]
    counts: str


def mask_to_rle(mask: Mask) -> Rle:
    """The mask's encoding, from its crop alone."""
    height, width = mask.image_size
    runs = {"size": [height, width], "counts": _runs(mask).tolist()}
    counts: bytes = coco.frPyObjects(runs, height, width)["counts"]
    return {"size": [height, width], "counts": counts.decode("ascii")}


def _runs(mask: Mask) -> NDArray[np.int64]:
    """Lengths of runs down the columns of the whole image, false ones first."""
    height, width = mask.image_size
    if mask.is_empty:
        return np.array([height * width], dtype=np.int64)
    crop_height, crop_width = mask.bits.shape
    y, x = mask.offset
    # A false row above and below ends every column's runs inside the crop.
    columns = np.zeros((crop_width, crop_height + 2), dtype=np.int8)
    columns[:, 1:-1] = mask.bits.T
    steps = np.diff(columns, axis=1)
    begin_column, begin_row = np.nonzero(steps == 1)
    end_column, end_row = np.nonzero(steps == -1)
    begins = (begin_column + x) * height + begin_row + y
    ends = (end_column + x) * height + end_row + y
    # A run that reaches the bottom goes on at the top of the next column.
    goes_on = begins[1:] == ends[:-1]
    begins = begins[np.concatenate([[True], ~goes_on])]
    ends = ends[np.concatenate([~goes_on, [True]])]
    edges = np.stack([begins, ends], axis=1).ravel()
    total = height * width
    runs = np.diff(np.concatenate([[0], edges, [total]]))
    return runs if runs[-1] else runs[:-1]


def rle_to_mask(rle: dict[str, Any] | Rle) -> Mask:
    """The mask that an encoding holds.

    Raises:
        InvalidFileError: Not an encoding: other keys, a size that no image has, or runs
            that do not add up to it.
    """
    size, counts = rle.get("size"), rle.get("counts")
    if not isinstance(size, list | tuple) or len(size) != 2 or not isinstance(counts, str | bytes):
        raise InvalidFileError(
            f"expected an RLE with size [height, width] and counts as text, got {list(rle)}"
        )
    if not all(isinstance(side, int) and side > 0 for side in size):
        raise InvalidFileError(f"expected an RLE of positive whole size, got {list(size)}")
    height, width = size
    if height * width > MAX_PIXELS:
        raise InvalidFileError(f"expected an RLE of at most {MAX_PIXELS} pixels, got {list(size)}")
    data = counts.encode("ascii", "replace") if isinstance(counts, str) else counts
    if _run_total(data) != height * width:
        raise InvalidFileError(
            f"expected runs that add up to {height} x {width} pixels, got {_run_total(data)}"
        )
    return mask_from_bitmap(coco.decode({"size": [height, width], "counts": data}))


def _run_total(counts: bytes) -> int:
    """The sum of the runs in compressed counts; -1 if they are malformed.

    The decoder of the COCO API trusts its input, so this is checked before it is called.
    """
    runs: list[int] = []
    position = 0
    while position < len(counts):
        value, shift, more = 0, 0, True
        while more:
            if position >= len(counts) or not 48 <= counts[position] < 112 or shift > 30:
                return -1
            digit = counts[position] - 48
            value |= (digit & 0x1F) << shift
            more = bool(digit & 0x20)
            position += 1
            shift += 5
            if not more and digit & 0x10:
                value |= -1 << shift
        if len(runs) > 2:
            value += runs[-2]
        if value < 0:
            return -1
        runs.append(value)
    return sum(runs)
