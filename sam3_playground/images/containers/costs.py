"""What decoding a file takes at most, told from its header.

Most formats need no more than four times the bytes of their RGB pixels: `USUAL`. The others
are measured, with Pillow 12.3 and pillow-heif 1.8, and a test measures them again.
"""

from __future__ import annotations

from PIL import Image

from sam3_playground.images.containers import jpeg2000, tiff

# Bytes a pixel.
USUAL = 12.0
_AVIF_WITH_ALPHA = 14.0
_HEIF_WITH_ALPHA = 12.5
_DEEP_HEIF, _DEEP_HEIF_WITH_ALPHA = 15.5, 20.5


def peak_bytes(image: Image.Image, data: bytes) -> int:
    """Bytes beyond those of the file, for the whole way to RGB pixels."""
    pixels = image.width * image.height
    special = 0
    if image.format == "JPEG2000":
        special = jpeg2000.peak_bytes(image, data)
    elif image.format == "TIFF":
        special = tiff.peak_bytes(image)
    return max(special, round(_bytes_a_pixel(image) * pixels))


def _bytes_a_pixel(image: Image.Image) -> float:
    alpha = image.mode == "RGBA"
    if image.format == "AVIF":
        return _AVIF_WITH_ALPHA if alpha else USUAL
    if image.format == "HEIF":
        if image.info.get("bit_depth", 8) > 8:
            return _DEEP_HEIF_WITH_ALPHA if alpha else _DEEP_HEIF
        return _HEIF_WITH_ALPHA if alpha else USUAL
    return USUAL
