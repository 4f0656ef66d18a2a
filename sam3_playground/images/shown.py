"""Whether a browser shows an image file as it is decoded here.

One rule for the page: where this is not certain, it shows what is segmented, not the file.
"""

from __future__ import annotations

import struct
from pathlib import Path

from PIL import Image

from sam3_playground.errors import PlaygroundError
from sam3_playground.images.colours import is_plainly_srgb
from sam3_playground.images.containers import png
from sam3_playground.images.opening import opened
from sam3_playground.images.orientation import exif_orientation

# MPO is a JPEG with more behind it.
_JPEGS = {"JPEG", "MPO"}
# The only formats for which it may be certain.
_FORMATS = {*_JPEGS, "PNG", "WEBP"}
# EXIF's orientation as browsers read it: one SHORT, of either byte order.
_ORIENTATION_ENTRIES = (struct.pack("<HHL", 0x0112, 3, 1), struct.pack(">HHL", 0x0112, 3, 1))
# Chunks about colours that browsers heed and Pillow does not.
_OTHER_COLOURS = {b"cICP"}
_GAMMA = {b"gAMA", b"cHRM"}
_OVER_GAMMA = {b"sRGB", b"iCCP"}
_MAX_CHUNKS = 10_000


def browser_shows_it(path: Path) -> bool:
    """Whether every browser certainly shows the file with the pixels that are segmented.

    Decided by the header alone. False for what moves, is turned otherwise than in a JPEG, has
    more than 8 bits or colours of its own, and for what is no image.
    """
    try:
        with opened(path.read_bytes(), name="the image") as file:
            return file.kind in _FORMATS and _is_plain(file.image, file.data)
    except (OSError, PlaygroundError):
        return False


def _is_plain(image: Image.Image, data: bytes) -> bool:
    if not is_plainly_srgb(image):
        return False
    if image.format in _JPEGS:
        return _jpeg_is_plain(image)
    if getattr(image, "is_animated", False) or exif_orientation(image) != 1:
        return False
    return image.format != "PNG" or _png_is_plain(image, data)


def _jpeg_is_plain(image: Image.Image) -> bool:
    turned = exif_orientation(image)
    exif = image.info.get("exif", b"")
    return turned == 1 or (
        turned is not None and any(entry in exif for entry in _ORIENTATION_ENTRIES)
    )


def _png_is_plain(image: Image.Image, data: bytes) -> bool:
    deep = any("16" in str(tile.args) for tile in getattr(image, "tile", ()))
    chunks = png.chunk_kinds(data, most=_MAX_CHUNKS)
    if chunks is None:
        return False
    late_exif = b"eXIf" in chunks and "exif" not in image.info
    gamma = chunks & _GAMMA and not chunks & _OVER_GAMMA
    return not (deep or late_exif or gamma or chunks & _OTHER_COLOURS)
