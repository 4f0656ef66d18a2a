"""ICO: of its images the best one, taken out before anything is decoded.

Pillow decodes an icon while it opens it, and a PNG in it may be of any size.
Source: https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from sam3_playground.images.containers import png
from sam3_playground.images.containers.words import DAMAGED, NO_PIXELS, TOO_EARLY
from sam3_playground.images.faults import BrokenImageError

_HEAD = struct.Struct("<HHH")
_ENTRY = struct.Struct("<BBBBHHII")
_BITMAP_HEAD = struct.Struct("<Iii")


class _Entry(NamedTuple):
    area: int
    bits: int
    packed: bytes
    start: int
    size: int


def best_image(data: bytes) -> bytes:
    """A file with an icon's best image alone: a PNG, or an icon of one bitmap.

    The best is, as in browsers, the largest, and of those the one with the most colours.

    Raises:
        BrokenImageError: It reaches out of the file, or is not of the size that the icon says.
    """
    best = max(_entries(data), default=None, key=lambda entry: entry[:2])
    if best is None:
        raise BrokenImageError(NO_PIXELS)
    image = data[best.start : best.start + best.size]
    if len(image) < best.size or best.size < _BITMAP_HEAD.size:
        raise BrokenImageError(TOO_EARLY)
    if image.startswith(png.SIGNATURE):
        return image
    _, width, height = _BITMAP_HEAD.unpack_from(image)
    # A bitmap stands over its mask, which has as many rows.
    if (width, height) != ((best.packed[0] or 256), 2 * (best.packed[1] or 256)):
        raise BrokenImageError(DAMAGED)
    entry = bytearray(best.packed)
    entry[12:16] = struct.pack("<I", _HEAD.size + _ENTRY.size)
    return _HEAD.pack(0, 1, 1) + bytes(entry) + image


def _entries(data: bytes) -> list[_Entry]:
    count = _HEAD.unpack_from(data)[2]
    entries = []
    for number in range(count):
        packed = data[_HEAD.size + number * _ENTRY.size :][: _ENTRY.size]
        if len(packed) < _ENTRY.size:
            raise BrokenImageError(TOO_EARLY)
        width, height, _, _, _, bits, size, start = _ENTRY.unpack(packed)
        entries.append(_Entry((width or 256) * (height or 256), bits, packed, start, size))
    return entries
