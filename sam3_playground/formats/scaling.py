"""Images and masks no larger than a screen shows them."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_crop

# No screen shows more of a mask than this; the full-size one would only cost time.
MAX_SIDE = 1440


def screen_size(image_size: tuple[int, int], max_side: int = MAX_SIDE) -> tuple[int, int]:
    """(height, width) with the image's shape and no side above `max_side`; never enlarged."""
    scale = min(1.0, max_side / max(image_size))
    return max(1, round(image_size[0] * scale)), max(1, round(image_size[1] * scale))


def scale_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """The mask sampled at the centres of (height, width) pixels over the same image."""
    if size == mask.image_size:
        return mask
    (y, rows), (x, columns) = (
        _sampled(mask.offset[axis], mask.bits.shape[axis], mask.image_size[axis], size[axis])
        for axis in (0, 1)
    )
    return mask_from_crop(mask.bits[np.ix_(rows, columns)], (y, x), size)


def _sampled(offset: int, length: int, full: int, size: int) -> tuple[int, NDArray[np.intp]]:
    """The first pixel among `size` that falls on the crop, and the crop's rows that are hit."""
    step = full / size
    first = max(0, math.ceil(offset / step - 0.5))
    last = min(size, math.ceil((offset + length) / step - 0.5))
    rows = np.floor((np.arange(first, last) + 0.5) * step).astype(np.intp) - offset
    return first, np.clip(rows, 0, max(0, length - 1))


def shrink(image: RgbImage, max_side: int) -> RgbImage:
    """The image with no side above `max_side`."""
    height, width = screen_size(image.size, max_side)
    resized = cv2.resize(image.pixels, (width, height), interpolation=cv2.INTER_AREA)
    return RgbImage(np.asarray(resized, np.uint8))
