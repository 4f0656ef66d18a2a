"""JPEG: the pixels that the header promises are there.

libjpeg decodes as many blocks as the header says: those that a file does not hold come out grey.
Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

from sam3_playground.images.containers.words import FEWER_PIXELS
from sam3_playground.images.faults import BrokenImageError

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_RESTARTS = range(0xD0, 0xD8)
_ALONE = {0x00, 0x01, _SOI, *_RESTARTS}
# Starts of frames; the four between them are tables.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# What follows a scan that needs it decodes to something, whatever the tables are; what follows
# one that does not is passed over.
_MORE = bytes((n * n * 7 + n * 31 + 5) % 251 for n in range(96))
_GREY = 128
_NEARLY = 3
# Of red, green and blue: next to the last blocks, only the brightness is grey's.
_LUMA = (0.299, 0.587, 0.114)


def check_blocks(image: Image.Image, data: bytes) -> None:
    """Where the decoded image ends in libjpeg's grey, look whether its scans lack something.

    They do if bytes added at their ends change the image. An eighth of its size shows that,
    and costs a tenth of decoding it.

    Raises:
        BrokenImageError: They do.
    """
    corner = image.crop((image.width - 1, image.height - 1, image.width, image.height))
    values = np.asarray(corner, float).reshape(-1)
    grey = values @ _LUMA if image.mode == "RGB" else values
    if np.abs(grey - _GREY).max() > _NEARLY:
        return
    if not np.array_equal(_eighth(data), _eighth(_with_more(data))):
        raise BrokenImageError(FEWER_PIXELS)


def frame_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) that a JPEG's header says; None without one."""
    for marker, start, _ in _segments(data):
        if marker in _FRAMES:
            height = int.from_bytes(data[start + 3 : start + 5], "big")
            return int.from_bytes(data[start + 5 : start + 7], "big"), height
    return None


def _eighth(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.draft(None, (1, 1))
        return np.asarray(image)


def _with_more(data: bytes) -> bytes:
    parts, last = [], 0
    for marker, _, end in _segments(data):
        if marker == _SOS:
            scan_end, restart = _end_of_scan(data, end)
            # For what lacks in this interval between restarts, and for the next one.
            parts += [data[last:scan_end], _MORE, bytes((0xFF, restart)), _MORE]
            last = scan_end
    return b"".join([*parts, data[last:]])


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Markers with where their segments begin and end, up to the end of the image."""
    start = 0
    while (start := data.find(b"\xff", start)) >= 0 and start + 4 <= len(data):
        marker = data[start + 1]
        if marker == _EOI:
            return
        if marker == 0xFF:
            start += 1
        elif marker in _ALONE:
            start += 2
        else:
            end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
            yield marker, start + 2, end
            start = end


def _end_of_scan(data: bytes, start: int) -> tuple[int, int]:
    """Where the marker stands that ends the compressed data, and which restart would be next."""
    restarts = 0
    while (start := data.find(b"\xff", start)) >= 0:
        following = data[start + 1] if start + 1 < len(data) else _EOI
        if following in _RESTARTS:
            restarts = following - _RESTARTS[0] + 1
        elif following != 0:
            return start, _RESTARTS[restarts % 8]
        start += 2
    return len(data), _RESTARTS[restarts % 8]
