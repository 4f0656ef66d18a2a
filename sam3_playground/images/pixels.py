"""Pixel values of a decoded image, in any of Pillow's modes, as the RGB that a viewer shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images.colours import ToSrgb, to_srgb
from sam3_playground.images.deep import deep_values, grey_scale, is_deep
from sam3_playground.images.deep_colour import colour_scales, eight_bits

# Transparent parts are shown on white, as on most pages.
_BACKGROUND = (255, 255, 255)
# Pixels that are converted at once: what is made on the way is never of the image's size.
_STRIP_PIXELS = 2**18

# (left, top, right, bottom) of some of the rows.
Strip = tuple[int, int, int, int]


def rgb_pixels(image: Image.Image, lower: Image.Image | None = None) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB of a loaded image, lying as it does in the file.

    Args:
        image: The image.
        lower: The lower bytes of deep colours, where they matter.
    """
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    srgb = to_srgb(image)
    shown = _in_eight_bits(image, lower)
    for box in _strips(image):
        pixels[box[1] : box[3]] = np.asarray(_rgb(shown(box), srgb))
    return pixels


def _in_eight_bits(image: Image.Image, lower: Image.Image | None) -> Callable[[Strip], Image.Image]:
    """What gives an image's rows, on one scale for all of them."""
    boxes = list(_strips(image))
    if is_deep(image):
        grey = grey_scale(image, (deep_values(image, image.crop(box)) for box in boxes))
        return lambda box: Image.fromarray(grey.levels(deep_values(image, image.crop(box))))
    if lower is not None:
        scales = colour_scales((image.crop(box), lower.crop(box)) for box in boxes)
        return lambda box: eight_bits(image.crop(box), lower.crop(box), scales)
    return image.crop


def _strips(image: Image.Image) -> Iterator[Strip]:
    """The image's rows, some at a time."""
    count = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, count):
        yield 0, top, image.width, min(top + count, image.height)


def _rgb(rows: Image.Image, srgb: ToSrgb | None) -> Image.Image:
    alpha = None
    if rows.has_transparency_data:
        rows = rows.convert("RGBA")
        alpha = rows.getchannel("A")
        rows = rows.convert("RGB")
    rgb = rows.convert("RGB") if srgb is None else srgb.apply(rows)
    if alpha is None:
        return rgb
    page = Image.new("RGB", rgb.size, _BACKGROUND)
    page.paste(rgb, mask=alpha)
    return page
