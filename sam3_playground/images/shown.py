"""Whether a browser shows an image file as it is decoded here.

One rule for the page: where this is not certain, it shows what is segmented, not the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image

from sam3_playground.errors import PlaygroundError
from sam3_playground.images.colours import is_plainly_srgb
from sam3_playground.images.opening import opened
from sam3_playground.images.orientation import exif_orientation

# EXIF's orientation as browsers read it: one SHORT, of either byte order.
_ORIENTATION_ENTRIES = (struct.pack("<HHL", 0x0112, 3, 1), struct.pack(">HHL", 0x0112, 3, 1))
# A PNG's chunks about colours that browsers heed and Pillow does not.
_OTHER_COLOURS = {b"cICP"}
_GAMMA = {b"gAMA", b"cHRM"}
_OVER_GAMMA = {b"sRGB", b"iCCP"}


def browser_shows_it(data: bytes) -> bool:
    """Whether every browser certainly shows a file with the pixels that are segmented.

    Decided by the header alone, and only for JPEG, PNG and WebP. False for what moves, is turned
    otherwise than in a JPEG, has more than 8 bits or colours of its own, and for what is no
    image.
    """
    try:
        with opened(data, name="the image") as image:
            if not is_plainly_srgb(image):
                return False
            if image.format in {"JPEG", "MPO"}:  # MPO is a JPEG with more behind it
                return _jpeg_is_plain(image)
            if getattr(image, "is_animated", False) or exif_orientation(image) != 1:
                return False
            return image.format == "WEBP" or (image.format == "PNG" and _png_is_plain(image, data))
    except PlaygroundError:
        return False


def _jpeg_is_plain(image: Image.Image) -> bool:
    turned = exif_orientation(image)
    exif = image.info.get("exif", b"")
    return turned == 1 or (
        turned is not None and any(entry in exif for entry in _ORIENTATION_ENTRIES)
    )


def _png_is_plain(image: Image.Image, data: bytes) -> bool:
    deep = any("16" in str(tile.args) for tile in getattr(image, "tile", ()))
    chunks = set(_png_chunks(data))
    late_exif = b"eXIf" in chunks and "exif" not in image.info
    gamma = chunks & _GAMMA and not chunks & _OVER_GAMMA
    return not (deep or late_exif or gamma or chunks & _OTHER_COLOURS)


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """The kinds of a PNG's chunks."""
    place = 8
    while place + 8 <= len(data):
        yield data[place + 4 : place + 8]
        place += int.from_bytes(data[place : place + 4], "big") + 12
