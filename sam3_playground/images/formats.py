"""Which formats are opened, and which of them a file's first bytes speak of."""

from __future__ import annotations

from PIL import Image

from sam3_playground.images.heif import HEIF

# What cameras, screens and browsers write. Pillow knows more, but some of it runs other
# programs (EPS: Ghostscript) or is hardly ever looked at for faults.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "ICO", HEIF)

# As much as Pillow itself looks at.
_PREFIX_BYTES = 16


def formats_of(data: bytes) -> tuple[str, ...]:
    """The formats of `FORMATS` that a file may be of, by its first bytes; none for no image."""
    Image.init()
    prefix = data[:_PREFIX_BYTES].ljust(_PREFIX_BYTES, b"\0")
    return tuple(name for name in FORMATS if _accepts(name, prefix))


def _accepts(name: str, prefix: bytes) -> bool:
    accept = Image.OPEN[name][1]
    accepted = accept is not None and accept(prefix)
    # Text says why Pillow was built without the format.
    return bool(accepted) and not isinstance(accepted, str)
