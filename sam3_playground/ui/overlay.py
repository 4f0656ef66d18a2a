"""Results as small transparent pictures that the page lays over the image."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_crop

# No screen shows more of a mask than this; the full-size one would only cost time.
MAX_SIDE = 1440
THUMBNAIL_SIDE = 132
# To find the depth of a mask, no more of it is looked at.
DEPTH_SIDE = 128
# An index map has one byte for each pixel, and 0 is "nothing".
MAX_INDEXED = 255

# Flat colours: without a filter the file is smaller, and made in a third of the time.
_FAST_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]


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


def index_map(masks: Sequence[Mask], size: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w) uint8: 1 + the mask's place where one lies, else 0; smaller masks on top.

    Masks after the 255th are left out.
    """
    indices = np.zeros(size, dtype=np.uint8)
    known = list(enumerate(masks))[:MAX_INDEXED]
    for place, mask in sorted(known, key=lambda item: -item[1].area):
        (y, x), (height, width) = mask.offset, mask.bits.shape
        indices[y : y + height, x : x + width][mask.bits] = place + 1
    return indices


def around(masks: Sequence[Mask], image_size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(y0, x0, y1, x1) of a part in 4:3 that holds all masks with some room around them.

    The whole image where no mask has a pixel. Cut off, and so of another shape, at the edges.
    """
    height, width = image_size
    boxes = [mask.box_xyxy for mask in masks if not mask.is_empty]
    if not boxes:
        return 0, 0, height, width
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide = max(right - left, (bottom - top) * 4 / 3, 24.0) * 1.5
    x, y = (left + right) / 2, (top + bottom) / 2
    return (
        max(0, math.floor(y - wide * 3 / 8)),
        max(0, math.floor(x - wide / 2)),
        min(height, math.ceil(y + wide * 3 / 8)),
        min(width, math.ceil(x + wide / 2)),
    )


def inner_point(mask: Mask) -> tuple[float, float]:
    """(x, y) of the pixel of a mask that lies deepest in it, at its centre; (0, 0) without any.

    Of a mask with a long side, as its rows and columns are sampled: where a click belongs.
    """
    if mask.is_empty:
        return 0.0, 0.0
    step = math.ceil(max(mask.bits.shape) / DEPTH_SIDE)
    bits = np.pad(mask.bits[::step, ::step].astype(np.uint8), 1)
    if not bits.any():
        step, bits = 1, np.pad(mask.bits.astype(np.uint8), 1)
    depth = cv2.distanceTransform(bits, cv2.DIST_L2, cv2.DIST_MASK_5)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    y, x = mask.offset
    return x + (int(column) - 1) * step + 0.5, y + (int(row) - 1) * step + 0.5


def crop_mask(mask: Mask, part: tuple[int, int, int, int]) -> Mask:
    """The mask inside (y0, x0, y1, x1) of its image, as a mask of that part alone."""
    y0, x0, y1, x1 = part
    y, x = mask.offset
    top, left = max(y0, y), max(x0, x)
    bits = mask.bits[top - y : max(top, y1) - y, left - x : max(left, x1) - x]
    return mask_from_crop(bits, (top - y0, left - x0), (y1 - y0, x1 - x0))


def draw_thumbnail(small: RgbImage, mask: Mask, colour: str) -> NDArray[np.uint8]:
    """The image dimmed outside the mask, in a (h, w, 3) uint8 RGB copy of `small`."""
    bits = scale_mask(mask, small.size).to_bitmap()
    pixels = small.pixels.astype(np.uint16)
    tint = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], np.uint16)
    drawn = np.where(bits[..., None], (pixels + tint) // 2, pixels // 3)
    return drawn.astype(np.uint8)


def shrink(image: RgbImage, max_side: int) -> RgbImage:
    """The image with no side above `max_side`."""
    height, width = screen_size(image.size, max_side)
    resized = cv2.resize(image.pixels, (width, height), interpolation=cv2.INTER_AREA)
    return RgbImage(np.asarray(resized, np.uint8))


def png_url(pixels: NDArray[np.uint8]) -> str:
    """A data URL of an (h, w) grey or (h, w, 4) RGBA uint8 picture."""
    ordered = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA)
    return _data_url("png", cv2.imencode(".png", ordered, _FAST_PNG)[1])


def jpeg_url(pixels: NDArray[np.uint8]) -> str:
    """A data URL of an (h, w, 3) uint8 RGB picture."""
    return _data_url("jpeg", cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1])


def _data_url(kind: str, data: NDArray[Any]) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode()}"
