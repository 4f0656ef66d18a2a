"""From a file's bytes to an image whose size is known and whose pixels are not decoded yet."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from PIL import Image

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.containers import avif, costs, icons, jpeg, jpeg2000, png, tiff, webp
from sam3_playground.images.containers.words import DAMAGED
from sam3_playground.images.faults import BrokenImageError, decoder_faults
from sam3_playground.images.formats import formats_of

Check = Callable[[Image.Image, bytes], None]

# What of a file is judged before it is decoded, and what of the decoded image.
_BEFORE: dict[str, Check] = {
    "PNG": png.check_chunks,
    "TIFF": tiff.check_tiles,
    "AVIF": avif.check_frames,
    "JPEG2000": jpeg2000.check_tiles,
}
_AFTER: dict[str, Check] = {
    "PNG": png.check_rows,
    "JPEG": jpeg.check_blocks,
    "MPO": jpeg.check_blocks,
}


@dataclass(frozen=True)
class OpenedImage:
    """An image of which the header is read.

    Attributes:
        kind: Pillow's name of the file's format.
        image: As Pillow has it; of an icon its best image.
        data: The file; of an icon its best image alone.
    """

    kind: str
    image: Image.Image
    data: bytes

    @property
    def pixel_count(self) -> int:
        """Width times height."""
        return self.image.width * self.image.height

    @property
    def peak_bytes(self) -> int:
        """What decoding takes at most, beyond the file; known before it begins."""
        return costs.peak_bytes(self.image, self.data)

    def check(self) -> None:
        """Judge by what can be read without decoding.

        Raises:
            BrokenImageError: The file holds not all of the image, or far more than it says.
        """
        check = _BEFORE.get(self.image.format or "")
        if check is not None:
            check(self.image, self.data)

    def load(self) -> Image.Image:
        """The image, decoded; to be called once, after `check`.

        Raises:
            BrokenImageError: The file holds not all of the image.
        """
        inner = self.image.format or ""
        if inner == "WEBP":
            _forget_decoder(self.image)
            return webp.decoded(self.image, self.data)
        said = self.image.size
        self.image.load()
        if sorted(self.image.size) != sorted(said):  # TIFF is turned while it loads
            raise BrokenImageError(DAMAGED)
        _forget_decoder(self.image)
        if inner in _AFTER:
            _AFTER[inner](self.image, self.data)
        return self.image


def _forget_decoder(image: Image.Image) -> None:
    """Let go of what plugins keep beside the pixels: frames and canvases in forms of their own."""
    vars(image).pop("_decoder", None)
    vars(image)["fp"] = None


@contextmanager
def opened(data: bytes, *, name: str) -> Iterator[OpenedImage]:
    """The image in a file's bytes, for the length of the block; what fails in it is broken.

    Args:
        data: A file's content.
        name: How errors call the image.

    Raises:
        InvalidImageError: No image in one of `FORMATS`, or a broken one.
        OutOfMemoryError: There is too little memory for it.
    """
    with _pillow_limits_off, decoder_faults(name, byte_count=webp.canvas_bytes(data)):
        formats = formats_of(data)
        if not formats:
            raise InvalidImageError(
                f"expected an image (JPEG, PNG, WebP, ...), got {name} "
                f"of {len(data):,} bytes, which is none"
            )
        is_icon = "ICO" in formats
        if is_icon:
            data = icons.best_image(data)
            formats = formats_of(data)
        elif "AVIF" in formats:
            data = avif.still_image(data)
        with Image.open(io.BytesIO(data), formats=formats) as image:
            yield OpenedImage("ICO" if is_icon else image.format or "", image, data)


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
