"""Pixel values of a decoded image, in any of Pillow's modes, as the RGB that a viewer shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images.colours import ToSrgb, to_srgb
from sam3_playground.images.deep import deep_values, grey_scale, is_deep

# Transparent parts are shown on white, as on most pages.
_BACKGROUND = (255, 255, 255)
# Pixels that are converted at once: what is made on the way is never of the image's size.
_STRIP_PIXELS = 2**20


def rgb_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB of a loaded image, lying as it does in the file."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    srgb = to_srgb(image)
    scale = None
    if is_deep(image):
        scale = grey_scale(image, (deep_values(image, rows) for _, rows in _strips(image)))
    for top, rows in _strips(image):
        shown = rows
        if scale is not None:
            shown = Image.fromarray(scale.levels(deep_values(image, rows)))
        pixels[top : top + rows.height] = np.asarray(_rgb(shown, srgb))
    return pixels


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The image's rows, some at a time, with the first one's place."""
    count = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, count):
        yield top, image.crop((0, top, image.width, min(top + count, image.height)))


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
