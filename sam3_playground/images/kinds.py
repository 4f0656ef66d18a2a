"""What sort of image a file is, without decoding it."""

from __future__ import annotations

from PIL import Image

from sam3_playground.images.opening import opened

# Several JPEGs in one file, as phones and stereo cameras write: any viewer shows the first.
_SHOWN_AS = {"MPO": "JPEG"}


def media_type(data: bytes, *, name: str = "the file") -> str:
    """The media type of an image file, such as "image/png".

    Raises:
        InvalidImageError: No image in a format that can be opened here, or a broken header.
    """
    with opened(data, name=name) as file:
        return Image.MIME.get(_SHOWN_AS.get(file.kind, file.kind), "application/octet-stream")
