"""Image files and bytes into RGB pixels, the way a viewer shows them."""

from __future__ import annotations

from pathlib import Path

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import ImageTooLargeError, InvalidImageError, OutOfMemoryError
from sam3_playground.images.deep_colour import has_deep_colours, lower_bytes, uses_few_bits
from sam3_playground.images.faults import decoder_faults
from sam3_playground.images.opening import opened
from sam3_playground.images.orientation import orientation, upright
from sam3_playground.images.pixels import rgb_pixels

DEFAULT_MAX_PIXELS = 100_000_000
# The most that decoding takes for each pixel: four times its RGB.
PEAK_BYTES = 12


def open_image(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> RgbImage:
    """Decode an image file.

    Raises:
        InvalidImageError: No such file, no image in it, or a broken one.
        ImageTooLargeError: More than `max_pixels`.
        OutOfMemoryError: There is too little memory to decode it now.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InvalidImageError(f"expected an image file, got {path}: {reason}") from error
    except ValueError as error:  # a zero byte in the path
        raise InvalidImageError("expected an image file, got a path of none") from error
    except MemoryError as error:
        raise OutOfMemoryError(
            f"expected memory to read {path}, got too little: try again in a moment"
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
        OutOfMemoryError: There is too little memory to decode it now.
    """
    with opened(data, name=name) as file:
        width, height = file.image.size
        if file.pixel_count > max_pixels:
            raise ImageTooLargeError(
                f"expected at most {max_pixels:,} pixels, got {name} of {width} x {height}"
            )
        with decoder_faults(name, byte_count=PEAK_BYTES * file.pixel_count):
            few_bits = has_deep_colours(file.image)
            image = file.load()
            few_bits = few_bits and uses_few_bits(image)
            pixels = rgb_pixels(image, lower_bytes(image, file.data) if few_bits else None)
            return RgbImage(upright(pixels, orientation(image)))
