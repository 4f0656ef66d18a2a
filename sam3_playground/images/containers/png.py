"""PNG: all chunks are there, and the pixels that the header promises.

Pillow stops as soon as zlib's stream ends, and leaves rows that it did not get black.
Source: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from sam3_playground.images.containers.words import DAMAGED, FEWER_PIXELS, TOO_EARLY
from sam3_playground.images.faults import BrokenImageError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row, and steps, of each pass of an interlaced image.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_AT_ONCE = 2**18


def check_chunks(_: Image.Image, data: bytes) -> None:
    """Walk to the last chunk; what comes after it is nobody's business.

    Raises:
        BrokenImageError: The file ends before it, or compressed pixels are not as written.
    """
    for kind, start, end in _chunks(data):
        if kind == b"IDAT" and zlib.crc32(data[start - 4 : end]) != _number(data, end):
            raise BrokenImageError(DAMAGED)


def chunk_kinds(data: bytes, *, most: int) -> set[bytes] | None:
    """The types of a file's chunks; None where there are more than `most` to look at.

    Raises:
        BrokenImageError: The file ends before the last one.
    """
    kinds = set()
    for number, (kind, _, _) in enumerate(_chunks(data)):
        if number == most:
            return None
        kinds.add(kind)
    return kinds


def check_rows(image: Image.Image, data: bytes) -> None:
    """Where the decoded image ends in what Pillow leaves, count the rows that were there.

    Raises:
        BrokenImageError: There are fewer than the header says.
    """
    last = image.crop((0, max(0, image.height - 2), image.width, image.height))
    if np.asarray(last).any():
        return
    expected = _raw_bytes(data)
    inflater, found = zlib.decompressobj(), 0
    for kind, start, end in _chunks(data):
        packed = data[start:end] if kind == b"IDAT" else b""
        while packed and found < expected and not inflater.eof:
            found += len(inflater.decompress(packed, _AT_ONCE))
            packed = inflater.unconsumed_tail
    if found < expected:
        raise BrokenImageError(FEWER_PIXELS)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's type, and where its content begins and ends, up to the last one."""
    start = len(SIGNATURE)
    while start + 12 <= len(data):
        end = start + 8 + _number(data, start)
        if end + 4 > len(data):
            break
        kind = data[start + 4 : start + 8]
        yield kind, start + 8, end
        if kind == b"IEND":
            return
        start = end + 4
    raise BrokenImageError(TOO_EARLY)


def _raw_bytes(data: bytes) -> int:
    """What the compressed pixels inflate to: rows with a byte before each."""
    width, height = _number(data, 16), _number(data, 20)
    depth, colour, interlaced = data[24], data[25], data[28]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * depth * _SAMPLES[colour] // 8))
    return total


def _number(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 4], "big")
