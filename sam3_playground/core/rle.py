"""Masks as COCO run-length encodings: column by column, compressed to a string.

The format is that of the COCO API (cocodataset/cocoapi, common/maskApi.c, rleToString and
rleFrString). Neither way needs the whole image: work grows with the runs and the crop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import Mask, mask_from_crop
from sam3_playground.errors import InvalidFileError

# No image that this project opens has more pixels.
MAX_PIXELS = 2**28
# Five bits a character: enough for any run of that many pixels, and its sign.
_MAX_CHARACTERS = 6


class Rle(TypedDict):
    """A compressed run-length encoding: [height, width] and the runs as ASCII."""

    size: list[int]
    counts: str


def mask_to_rle(mask: Mask) -> Rle:
    """The mask's encoding, as `pycocotools.mask.encode` gives it for the whole bitmap."""
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
    columns = np.zeros((crop_width, crop_height + 2), dtype=bool)
    columns[:, 1:-1] = mask.bits.T
    # Runs begin and end in turn, so every other change is a begin.
    column, row = np.nonzero(columns[:, 1:] != columns[:, :-1])
    changes = (column + x) * height + row + y
    begins, ends = changes[::2], changes[1::2]
    # A run that reaches the bottom goes on at the top of the next column.
    parted = begins[1:] != ends[:-1]
    begins = begins[np.concatenate([[True], parted])]
    ends = ends[np.concatenate([parted, [True]])]
    edges = np.stack([begins, ends], axis=1).ravel()
    runs = np.diff(np.concatenate([[0], edges, [height * width]]))
    return runs if runs[-1] else runs[:-1]


def rle_to_mask(rle: Mapping[str, object] | Rle) -> Mask:
    """The mask that an encoding holds, whoever wrote it.

    Args:
        rle: `size` as [height, width] and `counts` as compressed text or ASCII bytes.

    Raises:
        InvalidFileError: Not such an encoding: other keys, a size that no image has, counts
            that are malformed, or runs that do not add up to the size.
    """
    size, counts = _size_and_counts(rle)
    height, width = size
    runs = _decompressed(counts)
    total = int(runs.sum())
    if total != height * width:
        raise InvalidFileError(f"expected runs that add up to {height} x {width}, got {total}")
    edges = np.cumsum(runs)
    begins, ends = edges[:-1:2], edges[1::2]
    begins, ends = begins[ends > begins], ends[ends > begins]
    if not begins.size:
        return Mask(size, (0, 0), np.zeros((0, 0), dtype=bool))
    left, right = int(begins[0]) // height, int(ends[-1] - 1) // height + 1
    top, bottom = 0, height
    if np.all(begins // height == (ends - 1) // height):  # no run goes on in the next column
        top, bottom = int((begins % height).min()), int(((ends - 1) % height).max()) + 1
    column, rows = (begins // height - left), bottom - top
    starts = column * rows + begins % height - top
    stops = starts + (ends - begins)
    changes = np.stack([starts, stops], axis=1).ravel()
    lengths = np.diff(np.concatenate([[0], changes, [(right - left) * rows]]))
    values = np.arange(len(lengths)) % 2 == 1
    crop = np.repeat(values, lengths).reshape(right - left, rows).T
    return mask_from_crop(crop, (top, left), size)


def _size_and_counts(rle: object) -> tuple[tuple[int, int], bytes]:
    if not isinstance(rle, Mapping) or not {"size", "counts"} <= set(rle):
        got = sorted(map(str, rle)) if isinstance(rle, Mapping) else type(rle).__name__
        raise InvalidFileError(f"expected an RLE with the keys size and counts, got {got}")
    size, counts = rle["size"], rle["counts"]
    if (
        not isinstance(size, list | tuple)
        or len(size) != 2
        or not all(type(side) is int and side > 0 for side in size)
    ):
        raise InvalidFileError(
            f"expected an RLE's size as [height, width] in whole pixels, got {size!s:.80}"
        )
    height, width = size
    if height * width > MAX_PIXELS:
        raise InvalidFileError(f"expected an RLE of at most {MAX_PIXELS} pixels, got {list(size)}")
    if isinstance(counts, str) and counts.isascii():
        counts = counts.encode("ascii")
    if not isinstance(counts, bytes):
        raise InvalidFileError(
            f"expected an RLE's counts as compressed ASCII text, got {counts!s:.80}"
        )
    return (height, width), counts


def _decompressed(counts: bytes) -> NDArray[np.int64]:
    """The runs' lengths, false ones first.

    A run is written in groups of five bits, low ones first, each as a character from 48 on;
    bit 5 says that more follow, bit 4 of the last is the sign. From the fourth run on it is
    the difference to the run before the last.
    """
    digits = np.frombuffer(counts, dtype=np.uint8).astype(np.int64) - 48
    if np.any((digits < 0) | (digits > 63)) or (digits.size and digits[-1] & 32):
        raise InvalidFileError("expected an RLE's counts in characters from 0 to o, got others")
    last = np.flatnonzero(digits & 32 == 0)
    first = np.concatenate([[0], last[:-1] + 1]).astype(np.int64)
    lengths = last - first + 1
    if np.any(lengths > _MAX_CHARACTERS):
        raise InvalidFileError(
            f"expected an RLE's runs in at most {_MAX_CHARACTERS} characters each, "
            f"got {int(lengths.max())}"
        )
    if not last.size:
        return np.zeros(0, dtype=np.int64)
    place = np.arange(digits.size) - np.repeat(first, lengths)
    runs = np.add.reduceat((digits & 31) << (5 * place), first)
    runs -= np.where(digits[last] & 16, np.int64(1) << (5 * lengths), 0)
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    # Longer ones are refused here, so that sums over them cannot overflow.
    wrong = runs[(runs < 0) | (runs > MAX_PIXELS)]
    if wrong.size:
        raise InvalidFileError(
            f"expected an RLE's runs of 0 to {MAX_PIXELS} pixels, got {int(wrong[0])}"
        )
    return runs
