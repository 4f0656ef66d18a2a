"""AVIF: the AV1 frames in it are of the size that its container says.

libavif decodes a frame of whatever size it is, and then resizes it to what the container says.
Sources: AV1 Image File Format 1.1; ISO/IEC 14496-12, 8.11.
"""

from __future__ import annotations

from PIL import Image

from sam3_playground.images.containers.av1 import frame_size
from sam3_playground.images.containers.boxes import Reader, box_in, boxes_in
from sam3_playground.images.containers.words import FEWER_PIXELS, MORE_PIXELS
from sam3_playground.images.faults import BrokenImageError

_CODED = b"av01"
# The image, its transparency, and tiles that stick out of it.
_MOST_TIMES = 4
_USUAL_PIXELS = 512 * 512


def still_image(data: bytes) -> bytes:
    """The file, as one that shows its still image even if it is an animation."""
    return data[:8] + b"avif" + data[12:] if data[8:12] == b"avis" else data


def check_frames(image: Image.Image, data: bytes) -> None:
    """Read the size of every coded item from its own header.

    Raises:
        BrokenImageError: The image's is another one than the container's, or all together are
            far larger.
    """
    meta = box_in(data, b"meta")
    start, end = meta.start + 4, meta.end
    primary = _primary(Reader.of(data, box_in(data, b"pitm", start, end)))
    kinds = _kinds(data, Reader.of(data, box_in(data, b"iinf", start, end)))
    stored = next((box for box in boxes_in(data, start, end) if box.kind == b"idat"), None)
    places = _places(
        Reader.of(data, box_in(data, b"iloc", start, end)), stored.start if stored else None
    )
    total = 0
    for item, kind in kinds.items():
        if kind != _CODED:
            continue
        content = b"".join(data[first : first + size] for first, size in places.get(item, ()))
        width, height = frame_size(content)
        if item == primary and (width, height) != image.size:
            smaller = width * height < image.width * image.height
            raise BrokenImageError(FEWER_PIXELS if smaller else MORE_PIXELS)
        total += width * height
    if total > _MOST_TIMES * max(image.width * image.height, _USUAL_PIXELS):
        raise BrokenImageError(MORE_PIXELS)


def _primary(reader: Reader) -> int:
    version = reader.number(4) >> 24
    return reader.number(2 if version == 0 else 4)


def _kinds(data: bytes, reader: Reader) -> dict[int, bytes]:
    """Item ids to types."""
    version = reader.number(4) >> 24
    reader.number(2 if version == 0 else 4)
    kinds = {}
    for box in boxes_in(data, reader.at, reader.end):
        entry = Reader.of(data, box)
        version = entry.number(4) >> 24
        item = entry.number(2 if version < 3 else 4)
        entry.number(2)
        kinds[item] = entry.number(4).to_bytes(4, "big")
    return kinds


def _places(reader: Reader, stored: int | None) -> dict[int, list[tuple[int, int]]]:
    """Item ids to the first bytes and lengths of their parts; `stored` begins the `idat` box."""
    version = reader.number(4) >> 24
    sizes = reader.number(2)
    start_bytes, length_bytes, base_bytes, index_bytes = (
        sizes >> shift & 15 for shift in (12, 8, 4, 0)
    )
    wide = 2 if version < 2 else 4
    places: dict[int, list[tuple[int, int]]] = {}
    for _ in range(reader.number(wide)):
        item = reader.number(wide)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_bytes)
        if method == 1 and stored is not None:
            base += stored
        parts = places.setdefault(item, [])
        for _ in range(reader.number(2)):
            reader.number(index_bytes if version else 0)
            start = base + reader.number(start_bytes)
            length = reader.number(length_bytes)
            # Without a length it is everything from there on.
            parts.append((start, length or len(reader.data)))
    return places
