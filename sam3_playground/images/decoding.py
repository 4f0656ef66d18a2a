"""Image files and bytes into RGB pixels, the way a viewer shows them."""

from __future__ import annotations

from pathlib import Path

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import ImageTooLargeError, InvalidImageError, OutOfMemoryError
from sam3_playground.images.admission import Admission
from sam3_playground.images.deep_colour import has_deep_colours, lower_bytes, uses_few_bits
from sam3_playground.images.faults import decoder_faults
from sam3_playground.images.opening import OpenedImage, opened
from sam3_playground.images.orientation import orientation, upright
from sam3_playground.images.pixels import rgb_pixels

DEFAULT_MAX_PIXELS = 100_000_000
# The most that decoding takes for each pixel that an image may have: four times its RGB. As
# many bytes as the largest image takes are taken at once, by it or by several smaller ones.
PEAK_BYTES = 12
_admission = Admission()


def open_image(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> RgbImage:
    """Decode an image file.

    Raises:
        InvalidImageError: No such file, no image in it, or a broken one.
        ImageTooLargeError: More than `max_pixels`, or a file longer than so many can be.
        OutOfMemoryError: There is too little memory to decode it now.
    """
    try:
        size = path.stat().st_size
        if size > _file_bytes(max_pixels):
            raise ImageTooLargeError(
                f"expected an image file of at most {_file_bytes(max_pixels):,} bytes, "
                f"got {path} of {size:,}"
            )
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


def _file_bytes(max_pixels: int) -> int:
    """More than the longest file of so many pixels has: four uncompressed floats for each."""
    return 16 * max_pixels + 2**26


def decode_image(
    data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str = "the image"
) -> RgbImage:
    """Decode an image from bytes: its first frame, turned as its EXIF orientation says.

    Decoding takes at most `max_pixels` times `PEAK_BYTES` bytes beyond the file, in all threads
    together: what would be more waits.

    Args:
        data: A file's content in one of `FORMATS`.
        max_pixels: Larger images are refused from their header, before they are decoded; so
            are those of formats that take more memory than `PEAK_BYTES` a pixel, if it is more
            than for so many.
        name: How errors call the image.

    Raises:
        InvalidImageError: No image, or a truncated or broken one.
        ImageTooLargeError: More than `max_pixels`.
        OutOfMemoryError: There is too little memory to decode it now.
    """
    with opened(data, name=name) as file:
        peak_bytes = _checked_peak(file, max_pixels, name)
        with (
            _admission.admitted(peak_bytes, most=max_pixels * PEAK_BYTES),
            decoder_faults(name, byte_count=peak_bytes),
        ):
            few_bits = has_deep_colours(file.image)
            image = file.load()
            few_bits = few_bits and uses_few_bits(image)
            pixels = rgb_pixels(image, lower_bytes(image, file.data) if few_bits else None)
            turned = orientation(image)
            image.close()  # before its place is given to the next one
            return RgbImage(upright(pixels, turned))


def _checked_peak(file: OpenedImage, max_pixels: int, name: str) -> int:
    """The bytes that decoding will take, of a file that may be decoded."""
    width, height = file.image.size
    got = f"got {name} of {width} x {height}"
    if file.pixel_count > max_pixels:
        raise ImageTooLargeError(f"expected at most {max_pixels:,} pixels, {got}")
    file.check()
    peak_bytes = file.peak_bytes
    if peak_bytes > max_pixels * PEAK_BYTES:
        most = max_pixels * PEAK_BYTES * file.pixel_count // peak_bytes
        raise ImageTooLargeError(
            f"expected at most {most:,} pixels in a {file.kind} file of this sort, which takes "
            f"more memory for each than others, {got}"
        )
    return peak_bytes
