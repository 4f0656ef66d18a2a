"""WebP: decoded by OpenCV, into one array.

Pillow plays every WebP as an animation, on two canvases and with two copies: 16 bytes a pixel
where 8 do. Both decode with libwebp, to the same values.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from sam3_playground.images.containers.words import DAMAGED
from sam3_playground.images.faults import BrokenImageError

# OpenCV reports broken files to standard error, with the places in its sources.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

# Pillow reserves two canvases of four bytes a pixel as soon as it opens a file.
_CANVAS_BYTES = 8


def canvas_bytes(data: bytes) -> int:
    """What opening the file with Pillow reserves, though not uses; 0 for another format.

    Source: https://developers.google.com/speed/webp/docs/riff_container, RFC 6386, 9.1.
    """
    if data[8:12] != b"WEBP" or len(data) < 30:
        return 0
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = _number(data[24:27]) + 1, _number(data[27:30]) + 1
    elif kind == b"VP8L":
        sides = _number(data[21:25])
        width, height = (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    else:
        width, height = _number(data[26:28]) & 0x3FFF, _number(data[28:30]) & 0x3FFF
    return _CANVAS_BYTES * width * height


def _number(packed: bytes) -> int:
    return int.from_bytes(packed, "little")


def decoded(image: Image.Image, data: bytes) -> Image.Image:
    """The first frame, with what Pillow knows about the file.

    Raises:
        BrokenImageError: It cannot be decoded, or not to the size that the header says.
    """
    # As it is stored: neither turned nor without its transparency.
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[1::-1] != image.size:
        raise BrokenImageError(DAMAGED)
    to_rgb = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    cv2.cvtColor(pixels, to_rgb, dst=pixels)
    loaded = Image.fromarray(pixels)
    loaded.info.update(image.info)
    return loaded
