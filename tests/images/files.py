"""Files of one picture in the formats and ways of lying that browsers and Pillow read apart."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image

from tests.images.profiles import ADOBE_RGB, SRGB, rgb_profile
from tests.images.quarters import SHOWN, exif_of, lying

FIRST = Image.fromarray(SHOWN)
SECOND = Image.new("RGB", FIRST.size, "yellow")
# Orientation as a LONG, which Pillow reads and browsers do not.
LONG_ORIENTATION = b"Exif\0\0II*\0" + struct.pack("<LHHHLLL", 8, 1, 0x0112, 4, 1, 6, 0)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def file_of(kind: str, orientation: int) -> bytes:
    """The picture, lying as the orientation in the same file says."""
    image = lying(orientation)
    if kind == "TIFF":
        return written(image, kind, tiffinfo={0x0112: orientation})
    options: dict[str, Any] = {"quality": 95, "exif": exif_of(orientation)}
    if kind == "HEIF":
        options["chroma"] = 444
    if kind == "WEBP":
        options = {"lossless": True, "exif": exif_of(orientation)}
    return written(image, kind, **options)


def with_chunk(png: bytes, kind: bytes, body: bytes, *, last: bool = False) -> bytes:
    """A PNG with one more chunk: after its header, or after its pixels."""
    chunk = struct.pack(">L", len(body)) + kind + body
    chunk += struct.pack(">L", zlib.crc32(kind + body))
    place = len(png) - 12 if last else 33
    return png[:place] + chunk + png[place:]


_LUMA = np.asarray(FIRST.convert("L"))
_SEE_THROUGH = np.dstack([SHOWN, np.where(_LUMA > 200, 0, 255).astype(np.uint8)])

PLAIN: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: written(FIRST, "JPEG"),
    "grey JPEG": lambda: written(FIRST.convert("L"), "JPEG"),
    **{f"JPEG turned by {turn}": lambda turn=turn: file_of("JPEG", turn) for turn in (1, 3, 6, 7)},  # type: ignore[misc]
    "several JPEGs": lambda: written(FIRST, "MPO", save_all=True, append_images=[SECOND]),
    "PNG": lambda: written(FIRST, "PNG"),
    "PNG of one bit": lambda: written(FIRST.convert("1"), "PNG"),
    "PNG with a palette": lambda: written(FIRST.quantize(8), "PNG"),
    "PNG that is transparent": lambda: written(Image.fromarray(_SEE_THROUGH), "PNG"),
    "PNG with EXIF that turns nothing": lambda: file_of("PNG", 1),
    "PNG of sRGB": lambda: written(FIRST, "PNG", icc_profile=rgb_profile(SRGB)),
    "PNG with text": lambda: with_chunk(written(FIRST, "PNG"), b"tEXt", b"Software\0it"),
    "WebP": lambda: written(FIRST, "WEBP"),
    "lossless WebP": lambda: written(FIRST, "WEBP", lossless=True),
    "WebP that is transparent": lambda: written(Image.fromarray(_SEE_THROUGH), "WEBP"),
}
DOUBTFUL: dict[str, Callable[[], bytes]] = {
    **{f"WebP turned by {turn}": lambda turn=turn: file_of("WEBP", turn) for turn in (3, 6, 8)},  # type: ignore[misc]
    "PNG turned by 6": lambda: file_of("PNG", 6),
    "PNG with EXIF at its end": lambda: with_chunk(
        written(lying(6), "PNG"), b"eXIf", exif_of(6)[6:], last=True
    ),
    "PNG with broken EXIF": lambda: with_chunk(written(FIRST, "PNG"), b"eXIf", b"nothing"),
    "JPEG with broken EXIF": lambda: written(FIRST, "JPEG", exif=b"Exif\0\0nothing"),
    "JPEG turned by a LONG": lambda: written(lying(6), "JPEG", exif=LONG_ORIENTATION),
    "CMYK JPEG": lambda: written(FIRST.convert("CMYK"), "JPEG"),
    "JPEG of Adobe RGB": lambda: written(FIRST, "JPEG", icc_profile=rgb_profile(ADOBE_RGB)),
    "PNG of Adobe RGB": lambda: written(FIRST, "PNG", icc_profile=rgb_profile(ADOBE_RGB)),
    "PNG of another gamma": lambda: with_chunk(
        written(FIRST, "PNG"), b"gAMA", struct.pack(">L", 100_000)
    ),
    "PNG of another code point": lambda: with_chunk(
        written(FIRST, "PNG"), b"cICP", bytes((9, 16, 0, 1))
    ),
    "grey PNG of 16 bits": lambda: written(Image.fromarray(_LUMA.astype(np.uint16) * 16), "PNG"),
    "PNG of 16 bits": cv2.imencode(".png", SHOWN.astype(np.uint16) * 257)[1].tobytes,
    "animated PNG": lambda: written(
        FIRST, "PNG", save_all=True, append_images=[SECOND], duration=40
    ),
    "animated WebP": lambda: written(
        FIRST, "WEBP", save_all=True, append_images=[SECOND], lossless=True, duration=40
    ),
    "animated GIF": lambda: written(
        FIRST, "GIF", save_all=True, append_images=[SECOND], duration=40, loop=0
    ),
    "TIFF": lambda: written(FIRST, "TIFF"),
    "grey TIFF of floats": lambda: written(Image.fromarray(_LUMA.astype(np.float32)), "TIFF"),
    "JPEG 2000": lambda: written(FIRST, "JPEG2000"),
    "AVIF": lambda: written(FIRST, "AVIF"),
    "HEIC": lambda: file_of("HEIF", 6),
    "BMP": lambda: written(FIRST, "BMP"),
    "ICO": lambda: written(FIRST.resize((64, 64)), "ICO", sizes=[(16, 16), (64, 64)]),
    "PPM": lambda: written(FIRST, "PPM"),
}
