"""What sort of image a file is, without decoding it."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.decoding import FORMATS


def media_type(data: bytes, *, name: str = "the file") -> str:
    """The media type of an image file, such as "image/png".

    Raises:
        InvalidImageError: No image in a format that can be opened here.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return Image.MIME.get(image.format or "", "application/octet-stream")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InvalidImageError(
            f"expected an image (JPEG, PNG, WebP, ...), got {name} of {len(data):,} bytes, "
            "which is none"
        ) from error
