"""Which way up an image is shown: the EXIF orientation of every format that carries one."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

# What Pillow raises for EXIF that is none.
_EXIF_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def orientation(image: Image.Image) -> int:
    """How a loaded image's pixels are still to be turned: EXIF's 1 to 8, 1 for not at all.

    1 as well where EXIF is missing, broken or says something else: no viewer refuses an image
    for that. TIFF is turned by Pillow, and HEIF by its decoder, while they load; of an AVIF's
    `irot` and `imir` boxes Pillow makes the EXIF orientation, whatever EXIF itself said.
    """
    if isinstance(image, TiffImageFile):
        return 1
    return exif_orientation(image) or 1


def exif_orientation(image: Image.Image) -> int | None:
    """EXIF's own word, 1 without any; None where it is broken or says nothing that there is."""
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        value = exif.get(ExifTags.Base.Orientation, 1)
    except _EXIF_ERRORS:
        return None
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A view of (H, W, 3) pixels, turned and mirrored as EXIF's 1 to 8 say; 5 to 8 swap H and W."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return pixels
