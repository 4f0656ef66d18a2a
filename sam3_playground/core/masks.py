"""Masks as crops: only the box around an object's pixels is ever held.

A full-size bitmap exists where `Mask.to_bitmap` is called and nowhere else, so cost and
memory grow with the object, not with the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.prompts import BoxXYXY
from sam3_playground.errors import InvalidInputError


@dataclass(frozen=True, eq=False)
class Mask:
    """One object's pixels.

    Attributes:
        image_size: (height, width) of the image in pixels.
        offset: (y, x) of the crop's first pixel in the image; (0, 0) for an empty mask.
        bits: (h, w) bool, trimmed: its first and last row and column hold a true pixel.
            Shape (0, 0) for an empty mask.
    """

    image_size: tuple[int, int]
    offset: tuple[int, int]
    bits: NDArray[np.bool_]

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is true."""
        return self.bits.size == 0

    @cached_property
    def area(self) -> int:
        """True pixels."""
        return int(np.count_nonzero(self.bits))

    @property
    def box_xyxy(self) -> BoxXYXY:
        """The tight box in pixel edges; (0, 0, 0, 0) for an empty mask."""
        y, x = self.offset
        height, width = self.bits.shape
        return (float(x), float(y), float(x + width), float(y + height))

    def to_bitmap(self) -> NDArray[np.bool_]:
        """The whole image's (H, W) bool bitmap."""
        bitmap = np.zeros(self.image_size, dtype=bool)
        y, x = self.offset
        height, width = self.bits.shape
        bitmap[y : y + height, x : x + width] = self.bits
        return bitmap


def mask_from_crop(
    bits: NDArray[np.bool_], offset: tuple[int, int], image_size: tuple[int, int]
) -> Mask:
    """A mask from any (h, w) bool crop at (y, x) of the image; the crop is trimmed."""
    rows = np.flatnonzero(np.any(bits, axis=1))
    if not rows.size:
        return Mask(image_size, (0, 0), np.zeros((0, 0), dtype=bool))
    columns = np.flatnonzero(np.any(bits, axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    y, x = offset[0] + int(top), offset[1] + int(left)
    return Mask(image_size, (y, x), np.ascontiguousarray(bits[top:bottom, left:right]))


def mask_from_bitmap(bitmap: NDArray[np.bool_]) -> Mask:
    """A mask from the whole image's (H, W) bitmap: bool, or integers where non-zero is true.

    Raises:
        InvalidInputError: Not two-dimensional, or without pixels, or of floats.
    """
    if bitmap.ndim != 2 or not bitmap.size or bitmap.dtype.kind not in "bui":
        raise InvalidInputError(
            "expected a bitmap of shape (height, width) and an integer or bool dtype, "
            f"got {bitmap.shape} and {bitmap.dtype}"
        )
    height, width = bitmap.shape
    return mask_from_crop(bitmap != 0, (0, 0), (height, width))


def mask_from_logits(mask_logits: NDArray[np.float32], image_size: tuple[int, int]) -> Mask:
    """The pixels where logits, resized bilinearly to the image, are above 0.

    The same as `torch.nn.functional.interpolate(..., mode="bilinear", align_corners=False)`
    over the whole image and `> 0`, but computed only where it can be true: a pixel's value
    is a mean of four logits, so one of them must be positive.

    Args:
        mask_logits: (h, w) floats over the whole image.
        image_size: (height, width) in pixels.

    Raises:
        InvalidInputError: Not two-dimensional, or with NaN, or an image without pixels.
    """
    if mask_logits.ndim != 2 or not mask_logits.size:
        raise InvalidInputError(f"expected mask logits of shape (h, w), got {mask_logits.shape}")
    if min(image_size) < 1:
        raise InvalidInputError(f"expected an image with pixels, got {image_size}")
    logits = np.asarray(mask_logits, dtype=np.float32)
    positive = logits > 0
    rows = np.flatnonzero(np.any(positive, axis=1))
    # A NaN anywhere makes the sum NaN: one pass, no array.
    if np.isnan(logits.sum(dtype=np.float64)) and np.isnan(logits).any():
        raise InvalidInputError("expected mask logits as numbers, got NaN")
    if not rows.size:
        return mask_from_crop(np.zeros((0, 0), dtype=bool), (0, 0), image_size)
    columns = np.flatnonzero(np.any(positive, axis=0))
    y = _Axis.reaching(int(rows[0]), int(rows[-1]), logits.shape[0], image_size[0])
    x = _Axis.reaching(int(columns[0]), int(columns[-1]), logits.shape[1], image_size[1])
    # Columns first: the low-resolution rows are few, the image's are many.
    first_row, last_row = int(y.low.min()), int(y.high.max())
    band = logits[first_row : last_row + 1]
    band = band[:, x.low] * (1.0 - x.weight) + band[:, x.high] * x.weight
    values = band[y.low - first_row]
    values *= (1.0 - y.weight)[:, None]
    upper = band[y.high - first_row]
    upper *= y.weight[:, None]
    values += upper
    return mask_from_crop(values > 0, (y.start, x.start), image_size)


@dataclass(frozen=True)
class _Axis:
    """Bilinear sampling along one axis, for pixels `start`, `start + 1`, ... of the image.

    Each pixel is (1 - weight) of logit `low` plus weight of logit `high`.
    """

    start: int
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    weight: NDArray[np.float32]

    @classmethod
    def reaching(cls, first: int, last: int, low_size: int, size: int) -> _Axis:
        """All pixels of `size` that touch logits `first` to `last` of `low_size`."""
        scale = low_size / size
        start = max(0, int(np.floor((first - 1 + 0.5) / scale - 0.5)) - 1)
        stop = min(size, int(np.ceil((last + 1 + 0.5) / scale - 0.5)) + 2)
        # float32 as torch computes it, so that weights agree to the last bit or nearly so
        centre = (np.arange(start, stop, dtype=np.float32) + np.float32(0.5)) * np.float32(
            scale
        ) - np.float32(0.5)
        centre = np.maximum(centre, 0)
        low = np.minimum(centre.astype(np.intp), low_size - 1)
        high = np.minimum(low + 1, low_size - 1)
        return cls(start, low, high, (centre - low).astype(np.float32))
