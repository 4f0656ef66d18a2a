"""An image's file as it came in, where other programs see the same image in it."""

from __future__ import annotations

from pathlib import Path, PurePath

from PIL import Image

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.opening import opened
from sam3_playground.images.orientation import orientation

# Several JPEGs in one file: any reader takes the first.
_NAMED_AS = {"MPO": "JPEG"}


def original_file(path: Path, name: str) -> bytes | None:
    """The file's bytes.

    Args:
        path: The file.
        name: What it is called: programs go by a name's suffix.

    Returns:
        None where its EXIF turns what is in it, which not all readers do, or where the name's
        suffix is that of another format.

    Raises:
        InvalidImageError: It cannot be read, or is no image.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidImageError(f"expected an image file, got {name}: it cannot be read") from error
    with opened(data, name=name) as file:
        meant = Image.registered_extensions().get(PurePath(name).suffix.lower())
        alike = meant == _NAMED_AS.get(file.kind, file.kind)
        return data if alike and orientation(file.image) == 1 else None
