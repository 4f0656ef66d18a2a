"""Image files and bytes into RGB pixels, the way a viewer shows them."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import ExitStack
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images.heif import HEIF
from sam3_playground.images.orientation import orientation, upright
from sam3_playground.images.pixels import rgb_pixels

DEFAULT_MAX_PIXELS = 100_000_000
# What cameras, screens and browsers write. Pillow knows more, but some of it runs other
# programs (EPS: Ghostscript) or is hardly ever looked at for faults.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "ICO", HEIF)

# What Pillow raises for bytes that only look like an image.
_DECODING_ERRORS = (OSError, SyntaxError, ValueError, EOFError, MemoryError, RuntimeError)


def open_image(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> RgbImage:
    """Decode an image file.

    Raises:
        InvalidImageError: No such file, no image in it, or a broken one.
        ImageTooLargeError: More than `max_pixels`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidImageError(
            f"expected an image file, got {path}: {error.strerror or type(error).__name__}"
        ) from error
    return decode_image(data, max_pixels=max_pixels, name=str(path))


def decode_image(
    data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str = "the image"
) -> RgbImage:
    """Decode an image from bytes: its first frame, turned as its EXIF orientation says.

    Args:
        data: A file's content in one of `FORMATS`.
        max_pixels: Larger images are refused from their header, before they are decoded.
        name: How errors call the image.

    Raises:
        InvalidImageError: No image, or a truncated or broken one.
        ImageTooLargeError: More than `max_pixels`.
    """
    with _pillow_limits_off:
        try:
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        except UnidentifiedImageError as error:
            raise InvalidImageError(
                f"expected an image (JPEG, PNG, WebP, ...), got {name} "
                f"of {len(data):,} bytes, which is none"
            ) from error
        except _DECODING_ERRORS as error:
            raise _broken(name, error) from error
        with image:
            if image.width * image.height > max_pixels:
                raise ImageTooLargeError(
                    f"expected at most {max_pixels:,} pixels, got {name} "
                    f"of {image.width} x {image.height}"
                )
            try:
                image.load()
                return RgbImage(upright(rgb_pixels(image), orientation(image)))
            except _DECODING_ERRORS as error:
                raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> InvalidImageError:
    return InvalidImageError(f"expected a whole image, got {name}, which is broken: {error}")


class _PillowLimitsOff:
    """Lets `max_pixels` alone decide: Pillow's own limit warns first and is not per call.

    The limit and the warnings belong to the process, so the first of several threads lifts
    them and the last one puts them back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._undo = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            self._undo.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            self._undo.callback(setattr, Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
            Image.MAX_IMAGE_PIXELS = None

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._undo.close()


_pillow_limits_off = _PillowLimitsOff()
