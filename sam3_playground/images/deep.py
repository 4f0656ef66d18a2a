"""Grey of more than 8 bits, whole numbers or floats, onto 0 to 255."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    PHOTOMETRIC_INTERPRETATION,
    SAMPLEFORMAT,
    TiffImageFile,
)

_WHITE_IS_ZERO = 0
_UNSIGNED = 1


@dataclass(frozen=True)
class GreyScale:
    """What is black and what is white in one image.

    Attributes:
        black: The value that is shown as 0, and all below it.
        white: The value that is shown as 255, and all above it.
        inverted: The other way round: TIFF's WhiteIsZero.
    """

    black: float
    white: float
    inverted: bool = False

    def levels(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Uint8 of any shape for values of any real dtype; NaN counts as 0."""
        if values.dtype == np.uint16:
            levels: NDArray[np.uint8] = self._table[values]
            return levels
        return self._levels(values)

    @cached_property
    def _table(self) -> NDArray[np.uint8]:
        return self._levels(np.arange(2**16))

    def _levels(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        grey = np.nan_to_num(values.astype(np.float64), posinf=np.inf, neginf=-np.inf)
        span = max(self.white - self.black, 1e-12)
        levels = np.clip((grey - self.black) / span * 255.0, 0.0, 255.0).round().astype(np.uint8)
        return 255 - levels if self.inverted else levels


def is_deep(image: Image.Image) -> bool:
    """Whether the image is grey of more than 8 bits."""
    return image.mode in {"I", "F"} or image.mode.startswith("I;16")


def deep_values(image: Image.Image, rows: Image.Image) -> NDArray[np.generic]:
    """(h, w) values of some of a deep image's rows.

    Args:
        image: The image as it was opened: Pillow has no mode for whole numbers without a sign.
        rows: Some of its rows.
    """
    values = np.asarray(rows)
    if values.dtype.kind == "u":
        return values.astype(np.uint16, copy=False)  # of any byte order
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    unsigned = tags.get(SAMPLEFORMAT, (_UNSIGNED,))[0] == _UNSIGNED
    return values.view(np.uint32) if tags and unsigned and values.dtype == np.int32 else values


def grey_scale(image: Image.Image, strips: Iterable[NDArray[np.generic]]) -> GreyScale:
    """The scale of a deep image.

    White is as `white_of` says; a TIFF of 12 bits says so itself. Below 0 all is black. Floats
    have no scale of their own, and are stretched from their least to their greatest value.

    Args:
        image: The image as it was opened.
        strips: All its values, as `deep_values` gives them.
    """
    least, greatest = 0.0, 0.0
    for number, strip in enumerate(strips):
        finite = np.nan_to_num(strip, posinf=0, neginf=0) if strip.dtype.kind == "f" else strip
        low, high = float(finite.min()), float(finite.max())
        least = low if not number else min(least, low)
        greatest = high if not number else max(greatest, high)
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    inverted = tags.get(PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO
    if image.mode == "F":
        return GreyScale(least, greatest, inverted)
    white = 4095.0 if tags.get(BITSPERSAMPLE) == (12,) else white_of(int(greatest))
    return GreyScale(0.0, white, inverted)


def white_of(greatest: int) -> float:
    """The smallest 2^n - 1, n at least 8, that no value exceeds.

    Sensors have 10, 12 or 14 bits, which are stored in 16, and label maps and X-rays come in 32:
    files hardly ever say how many are used, and on the scale of the container they would be
    black. The price is that a picture that is dark on purpose gets brighter, by a power of two.
    """
    return 2.0 ** max(8, greatest.bit_length()) - 1
