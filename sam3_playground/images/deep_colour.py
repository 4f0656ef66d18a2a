"""Colours of 16 bits that use fewer: Pillow keeps the upper byte of each, which is too little.

The lower bytes come from decoding the file once more with its byte order told wrongly.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images.deep import GreyScale, white_of

# No camera's sensor has more bits. With an upper byte of more than this stands for, colours are
# taken to be on the scale of 16 bits, as photo editors write them.
SENSOR_BITS = 14
_MOST_UPPER = 2 ** (SENSOR_BITS - 8) - 1
_NATIVE, _OTHER = ("L", "B") if sys.byteorder == "little" else ("B", "L")
# Pillow's names for the order of bytes in a file, each with the one that takes the other byte.
_SWAPPED = {
    f"{mode};16{order}": f"{mode};16{other}"
    for mode in ("RGB", "RGBA", "RGBX")
    for order, other in (("L", "B"), ("B", "L"), ("N", _OTHER))
}


def has_deep_colours(image: Image.Image) -> bool:
    """Whether an image that is not loaded yet has RGB of 16 bits."""
    tiles = getattr(image, "tile", None) or ()
    return bool(tiles) and all(_raw_mode(tile) in _SWAPPED for tile in tiles)


def uses_few_bits(image: Image.Image) -> bool:
    """Whether no colour of a loaded image with deep colours needs more bits than a sensor has."""
    extrema = cast("tuple[tuple[int, int], ...]", image.getextrema())
    return all(high <= _MOST_UPPER for _, high in extrema[:3])


def lower_bytes(image: Image.Image, data: bytes) -> Image.Image:
    """The lower bytes of all channels, in the mode of the upper ones.

    Args:
        image: The image with deep colours.
        data: Its file.
    """
    with Image.open(io.BytesIO(data), formats=[image.format or ""]) as again:
        again.tile = [_swapped(tile) for tile in again.tile]
        again.load()
        return again


def colour_scales(strips: Iterable[tuple[Image.Image, Image.Image]]) -> tuple[GreyScale, ...]:
    """The scale of each channel: one for the three colours, and alpha's own.

    Args:
        strips: Upper and lower bytes of all rows.
    """
    greatest = np.max([_values(*strip).max(axis=(0, 1)) for strip in strips], axis=0)
    colours = GreyScale(0.0, white_of(int(greatest[:3].max())))
    alpha = [GreyScale(0.0, white_of(int(most))) for most in greatest[3:]]
    return (colours, colours, colours, *alpha)


def eight_bits(
    upper: Image.Image, lower: Image.Image, scales: tuple[GreyScale, ...]
) -> Image.Image:
    """Some rows on the scales of 8 bits, in the mode of their upper bytes."""
    values = _values(upper, lower)
    channels = [scale.levels(values[..., place]) for place, scale in enumerate(scales)]
    return Image.fromarray(np.stack(channels, axis=-1))


def _values(upper: Image.Image, lower: Image.Image) -> NDArray[np.uint16]:
    values = np.asarray(upper).astype(np.uint16)
    values <<= 8
    values |= np.asarray(lower)
    return values


def _raw_mode(tile: Any) -> str:
    return str(tile.args if isinstance(tile.args, str) else tile.args[0])


def _swapped(tile: Any) -> Any:
    raw = _SWAPPED[_raw_mode(tile)]
    return tile._replace(args=raw if isinstance(tile.args, str) else (raw, *tile.args[1:]))
