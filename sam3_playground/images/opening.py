"""From a file's bytes to an image whose size is known and whose pixels are not decoded yet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from PIL import Image

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.containers import avif, costs, icons, jpeg, jpeg2000, png, tiff, webp
from sam3_playground.images.containers.words import DAMAGED
from sam3_playground.images.faults import BrokenImageError, decoder_faults
from sam3_playground.images.formats import formats_of
from sam3_playground.quiet import Kind, quiet

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


# Pillow's limit belongs to the process, and is not per call. To lift it for a while would lift it
# for other threads too: it stays as it is, and is not asked about what is opened here.
_unlimited: ContextVar[bool] = ContextVar("unlimited", default=False)
_check_size = Image._decompression_bomb_check  # noqa: SLF001


def _check_size_of_others(size: tuple[int, int]) -> None:
    if not _unlimited.get():
        _check_size(size)


setattr(Image, "_decompression_bomb_check", _check_size_of_others)  # noqa: B010 (mypy)


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
    with _without_pillows_limits(), decoder_faults(name, byte_count=webp.canvas_bytes(data)):
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


@contextmanager
def _without_pillows_limits() -> Iterator[None]:
    """Let `max_pixels` alone decide, and keep quiet what Pillow warns of."""
    former = _unlimited.set(True)
    try:
        with quiet(Kind(UserWarning)):
            yield
    finally:
        _unlimited.reset(former)
