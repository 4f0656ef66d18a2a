"""Masks as crops: only the box around an object's pixels is ever held.

A full-size bitmap exists where `Mask.to_bitmap` is called and nowhere else, so cost and
memory grow with the object, not with the image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.prompts import BoxXYXY
from sam3_playground.errors import InvalidInputError

# Far above any logit that means something, and far below where sums of four overflow.
_LOGIT_BOUND = np.float32(1e30)
# Pixels resized at a time: few enough to stay in a processor's cache, floats and all.
_BLOCK_PIXELS = 2**16


@dataclass(frozen=True, eq=False)
class Mask:
    """One object's pixels.

    Attributes:
        image_size: (height, width) of the image in pixels.
        offset: (y, x) of the crop's first pixel in the image; (0, 0) for an empty mask.
        bits: (h, w) bool, trimmed: its first and last row and column hold a true pixel.
            Shape (0, 0) for an empty mask. Not to be written to.

    Raises:
        InvalidInputError: Bits that are not such a crop, or that reach out of the image.
    """

    image_size: tuple[int, int]
    offset: tuple[int, int]
    bits: NDArray[np.bool_]

    def __post_init__(self) -> None:
        bits = self.bits
        if bits.ndim != 2 or bits.dtype != np.bool_:
            raise InvalidInputError(
                f"expected a crop of shape (h, w) and dtype bool, got {bits.shape} and {bits.dtype}"
            )
        (height, width), (y, x) = bits.shape, self.offset
        if y < 0 or x < 0 or y + height > self.image_size[0] or x + width > self.image_size[1]:
            raise InvalidInputError(
                f"expected a crop inside the image of (height, width) {self.image_size}, "
                f"got {bits.shape} at (y, x) {self.offset}"
            )
        trimmed = bits.shape == (0, 0) and self.offset == (0, 0)
        if bits.size:
            edges = (bits[0], bits[-1], bits[:, 0], bits[:, -1])
            trimmed = all(bool(edge.any()) for edge in edges)
        if not trimmed:
            raise InvalidInputError(
                "expected a crop with a true pixel in its first and last row and column, or one "
                f"of shape (0, 0) at (0, 0), got {bits.shape} at {self.offset} with a false edge"
            )

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is true."""
        return self.bits.size == 0

    @cached_property
    def area(self) -> int:
        """True pixels; 0 for an empty mask."""
        return int(np.count_nonzero(self.bits))

    @property
    def box_xyxy(self) -> BoxXYXY:
        """The tight box in pixel edges; (0, 0, 0, 0) for an empty mask."""
        y, x = self.offset
        height, width = self.bits.shape
        return (float(x), float(y), float(x + width), float(y + height))

    def to_bitmap(self) -> NDArray[np.bool_]:
        """The whole image's (H, W) bool bitmap, made anew."""
        bitmap = np.zeros(self.image_size, dtype=bool)
        y, x = self.offset
        height, width = self.bits.shape
        bitmap[y : y + height, x : x + width] = self.bits
        return bitmap


def mask_from_crop(
    bits: NDArray[np.bool_], offset: tuple[int, int], image_size: tuple[int, int]
) -> Mask:
    """A mask from any (h, w) bool crop at (y, x) of the image; the crop is trimmed and copied.

    Raises:
        InvalidInputError: Not two-dimensional bools, or true pixels outside the image.
    """
    if bits.ndim != 2 or bits.dtype != np.bool_:
        raise InvalidInputError(
            f"expected a crop of shape (h, w) and dtype bool, got {bits.shape} and {bits.dtype}"
        )
    rows = np.flatnonzero(np.any(bits, axis=1))
    if not rows.size:
        return Mask(image_size, (0, 0), np.zeros((0, 0), dtype=bool))
    columns = np.flatnonzero(np.any(bits, axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    # A copy: a view would keep the whole crop alive, which may be the whole image.
    trimmed = np.array(bits[top:bottom, left:right], order="C")
    return Mask(image_size, (offset[0] + int(top), offset[1] + int(left)), trimmed)


def mask_union(masks: Sequence[Mask]) -> Mask:
    """The pixels of any of some masks, within the crop that holds them all.

    Raises:
        InvalidInputError: No masks, or masks over images of different sizes.
    """
    sizes = {mask.image_size for mask in masks}
    if len(sizes) != 1:
        raise InvalidInputError(f"expected masks over one image, got {len(sizes)} sizes")
    some = [mask for mask in masks if not mask.is_empty]
    if len(some) <= 1:
        return some[0] if some else masks[0]
    top, left = (min(mask.offset[axis] for mask in some) for axis in (0, 1))
    bottom, right = (
        max(mask.offset[axis] + mask.bits.shape[axis] for mask in some) for axis in (0, 1)
    )
    bits = np.zeros((bottom - top, right - left), dtype=bool)
    for mask in some:
        y, x = mask.offset[0] - top, mask.offset[1] - left
        bits[y : y + mask.bits.shape[0], x : x + mask.bits.shape[1]] |= mask.bits
    return Mask(sizes.pop(), (top, left), bits)


def mask_from_bitmap(bitmap: NDArray[np.bool_ | np.integer[Any]]) -> Mask:
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
    return mask_from_crop(bitmap.astype(bool, copy=False), (0, 0), (height, width))


def mask_from_logits(mask_logits: NDArray[np.float32], image_size: tuple[int, int]) -> Mask:
    """The pixels where logits, resized bilinearly to the image, are above 0.

    The same as `torch.nn.functional.interpolate(..., mode="bilinear", align_corners=False)`
    over the whole image and `> 0`, but computed only where it can be true: a pixel's value
    is a mean of four logits, so one of them must be positive. What is never above 0 gives
    an empty mask.

    Args:
        mask_logits: (h, w) float32 over the whole image, squashed or stretched to it.
        image_size: (height, width) in pixels.

    Raises:
        InvalidInputError: Not two-dimensional, or with NaN, or an image without pixels.
    """
    if mask_logits.ndim != 2 or not mask_logits.size:
        raise InvalidInputError(
            f"expected mask logits of shape (h, w) with a value in them, got {mask_logits.shape}"
        )
    if len(image_size) != 2 or min(image_size) < 1:
        raise InvalidInputError(
            f"expected an image of (height, width) of at least (1, 1), got {image_size}"
        )
    logits = np.asarray(mask_logits, dtype=np.float32)
    if np.isnan(logits).any():
        raise InvalidInputError("expected mask logits as numbers, got NaN")
    positive = logits > 0
    rows = np.flatnonzero(np.any(positive, axis=1))
    if not rows.size:
        return Mask(image_size, (0, 0), np.zeros((0, 0), dtype=bool))
    columns = np.flatnonzero(np.any(positive, axis=0))
    y = _Axis.reaching(int(rows[0]), int(rows[-1]), logits.shape[0], image_size[0])
    x = _Axis.reaching(int(columns[0]), int(columns[-1]), logits.shape[1], image_size[1])
    return mask_from_crop(_positive_pixels(logits, y, x), (y.start, x.start), image_size)


def _positive_pixels(logits: NDArray[np.float32], y: _Axis, x: _Axis) -> NDArray[np.bool_]:
    """Where the resized logits are above 0, as a bool crop over the pixels of both axes."""
    # Columns first: the low-resolution rows are few, the image's are many.
    first = int(y.low[0])
    band = logits[first : int(y.high[-1]) + 1]
    # Infinity times a weight of 0 is NaN.
    band = np.clip(band, -_LOGIT_BOUND, _LOGIT_BOUND)
    band = band[:, x.low] * (1 - x.weight) + band[:, x.high] * x.weight  # (rows, w)
    low, high, weight = y.low - first, y.high - first, y.weight[:, None]
    bits = np.empty((len(low), len(x.low)), dtype=bool)
    step = max(1, _BLOCK_PIXELS // len(x.low))
    for start in range(0, len(low), step):
        block = slice(start, start + step)
        values = band[low[block]]
        values *= 1 - weight[block]
        lower = band[high[block]]
        lower *= weight[block]
        values += lower
        np.greater(values, 0, out=bits[block])
    return bits


@dataclass(frozen=True, eq=False)
class _Axis:
    """Bilinear sampling along one axis, for n pixels `start`, `start + 1`, ... of the image.

    Pixel i is (1 - weight[i]) of logit low[i] plus weight[i] of logit high[i]; all three
    are (n,), and low and high never fall.
    """

    start: int
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    weight: NDArray[np.float32]

    @classmethod
    def reaching(cls, first: int, last: int, low_size: int, size: int) -> _Axis:
        """All pixels of `size` that touch logits `first` to `last` of `low_size`."""
        scale = low_size / size
        # Pixel i lies at (i + 0.5) * scale - 0.5 among the logits and touches the two beside
        # it. One pixel more at each end makes up for rounding.
        start = max(0, math.floor((first - 0.5) / scale - 0.5) - 1)
        stop = min(size, math.ceil((last + 1.5) / scale - 0.5) + 2)
        # float32 throughout, as torch does it: weights agree to the last bit or nearly so.
        pixels = np.arange(start, stop, dtype=np.float32) + np.float32(0.5)
        centre = np.maximum(pixels * np.float32(scale) - np.float32(0.5), 0)
        low = np.minimum(centre.astype(np.intp), low_size - 1)
        high = np.minimum(low + 1, low_size - 1)
        return cls(start, low, high, np.clip(centre - low, 0, 1).astype(np.float32))
