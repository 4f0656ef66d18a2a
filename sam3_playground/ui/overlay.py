"""Results as small transparent pictures that the page lays over the image."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_crop
from sam3_playground.core.rle import mask_to_rle
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.scaling import scale_mask

THUMBNAIL_SIDE = 132
# To find the depth of a mask, no more of it is looked at.
DEPTH_SIDE = 64
# A byte for each pixel holds as many colours.
_MAX_COLOURS = 256


def runs_of(mask: Mask) -> str:
    """The mask's runs for the browser: COCO's compressed counts, but row by row.

    Runs of true and false pixels take turns, false ones first, through the rows of the whole
    picture: a run is a stretch of its pixels as they lie in memory.
    """
    (height, width), (y, x) = mask.image_size, mask.offset
    turned = Mask((width, height), (x, y), np.ascontiguousarray(mask.bits.T))
    return mask_to_rle(turned)["counts"]


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


def flat_png_url(pixels: NDArray[np.uint8]) -> str:
    """A data URL of an (h, w, 4) uint8 RGBA picture in few flat colours.

    Raises:
        InvalidInputError: More than 256 colours.
    """
    height, width = pixels.shape[:2]
    packed = np.ascontiguousarray(pixels).view(np.uint32).reshape(height, width)
    colours = np.unique(packed)
    if len(colours) > _MAX_COLOURS:
        raise InvalidInputError(f"expected {_MAX_COLOURS} colours at most, got {len(colours)}")
    places = np.zeros((height, width), np.uint8)
    for place, colour in enumerate(colours[1:], start=1):
        places[packed == colour] = place
    picture = Image.fromarray(places)
    picture.putpalette(colours.view(np.uint8).tobytes(), "RGBA")
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return _data_url("png", data.getvalue())


def jpeg_url(pixels: NDArray[np.uint8]) -> str:
    """A data URL of an (h, w, 3) uint8 RGB picture."""
    return _data_url("jpeg", jpeg_of(pixels))


def jpeg_of(pixels: NDArray[np.uint8], quality: int = 95) -> bytes:
    """A file of an (h, w, 3) uint8 RGB picture."""
    ordered, options = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode(".jpg", ordered, options)[1].tobytes()


def _data_url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
