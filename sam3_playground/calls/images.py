"""Images of calls: by URL, as a data URL, or uploaded before; within the limits of all doors."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import decode_image
from sam3_playground.images.uploads import Uploads, open_upload
from sam3_playground.server.places import Places
from sam3_playground.server.validation import brief

FetchImage = Callable[[str], Awaitable[bytes]]

# Images by URL that come in at once; more are told to try again.
FETCHES_AT_ONCE = 4
_URL = re.compile(r"\s*https?://", re.IGNORECASE)
_DATA_URL = re.compile(r"\s*data:[^,]{0,100};base64,", re.IGNORECASE)
_UPLOAD = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


class CalledImages:
    """From what a call says of its image to pixels.

    Args:
        fetch: Gets the file behind a URL, and refuses addresses that are none of a caller's
            business.
        uploads: Where uploaded files are.
        max_bytes: The longest file.
        max_pixels: Larger images are refused.
    """

    def __init__(
        self, fetch: FetchImage, uploads: Uploads, *, max_bytes: int, max_pixels: int
    ) -> None:
        self._fetch = fetch
        self._fetching = Places(FETCHES_AT_ONCE)
        self._uploads = uploads
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels

    async def load(self, text: str) -> Callable[[], RgbImage]:
        """Fetch what is elsewhere.

        Returns:
            What decodes the image: slow, for a worker thread; raises as `decode_image` does.

        Raises:
            InvalidImageError: Neither a URL that can be fetched, nor a data URL, nor an upload.
            ImageTooLargeError: A file above the limit.
            UploadGoneError: An upload whose time is over.
            BusyError: Too many are being fetched.
        """
        if _URL.match(text):
            with self._fetching:
                data = await self._fetch(text)
            return lambda: decode_image(data, max_pixels=self._max_pixels)
        if _DATA_URL.match(text):
            return lambda: decode_image(
                base64_file(text, max_bytes=self._max_bytes), max_pixels=self._max_pixels
            )
        if _UPLOAD.fullmatch(text):
            path = self._uploads.path(text)
            return lambda: open_upload(path, max_pixels=self._max_pixels)
        raise InvalidImageError(
            "expected an image as an http or https URL, as a data URL (data:image/png;base64,...) "
            f"or as the id of an upload, got {brief(text)}"
        )


def base64_file(text: str, *, max_bytes: int) -> bytes:
    """A file from base64, with or without a data URL's head.

    Raises:
        InvalidImageError: Not base64.
        ImageTooLargeError: More than `max_bytes`.
    """
    prefix = _DATA_URL.match(text)
    packed = "".join((text[prefix.end() :] if prefix else text).split())
    packed += "=" * (-len(packed) % 4)
    try:
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidImageError(f"expected an image's file as base64, got {brief(text)}") from error
    if len(data) > max_bytes:
        raise ImageTooLargeError(
            f"expected an image file of at most {max_bytes:,} bytes, got {len(data):,}"
        )
    return data
