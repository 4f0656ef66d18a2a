"""TIFF: its tiles are of a size that the image needs, and cover it.

libtiff takes the memory for a tile of whatever size is said; Pillow leaves black what no strip
of an uncompressed image covers; and a JPEG inside may be smaller than its strip.
Source: TIFF 6.0, sections 8 and 15; TIFF Technical Note 2 for JPEG.
"""

from __future__ import annotations

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from sam3_playground.images.containers.jpeg import frame_size
from sam3_playground.images.containers.words import FEWER_PIXELS, MORE_PIXELS
from sam3_playground.images.faults import BrokenImageError

_WIDTH, _HEIGHT, _SAMPLE_BITS, _COMPRESSION = 256, 257, 258, 259
_STRIP_STARTS, _SAMPLES, _STRIP_ROWS, _STRIP_SIZES = 273, 277, 278, 279
_PLANES, _TILE_WIDTH, _TILE_HEIGHT, _TILE_STARTS, _TILE_SIZES = 284, 322, 323, 324, 325
_RAW, _JPEG = 1, 7
_SEPARATE_PLANES = 2
_PIXEL_BYTES = 4
# Tiles stick out of small images, and are seldom as large as this.
_USUAL_TILE_PIXELS = 2048 * 2048


def check_tiles(image: Image.Image, data: bytes) -> None:
    """Judge by the tags and by the headers of JPEGs inside.

    Raises:
        BrokenImageError: Tiles far larger than the image, or fewer pixels than it has.
    """
    if not isinstance(image, TiffImageFile):
        return
    tags = image.tag_v2
    width, height = tags[_WIDTH], tags[_HEIGHT]
    if _TILE_STARTS in tags:
        tile = tags[_TILE_WIDTH], tags[_TILE_HEIGHT]
        if tile[0] * tile[1] > max(_USUAL_TILE_PIXELS, 4 * width * height):
            raise BrokenImageError(MORE_PIXELS)
    planes = tags.get(_SAMPLES, 1) if tags.get(_PLANES) == _SEPARATE_PLANES else 1
    compression = tags.get(_COMPRESSION, _RAW)
    if compression == _RAW:
        covered = 0
        for part in image.tile:
            left, top, right, bottom = part.extents or (0, 0, 0, 0)
            covered += (right - left) * (bottom - top)
        if covered < width * height * planes:
            raise BrokenImageError(FEWER_PIXELS)
    elif compression == _JPEG and planes == 1:
        _check_jpegs(image, data)


def peak_bytes(image: Image.Image) -> int:
    """What libtiff takes for a strip or tile, and Pillow for the image."""
    if not isinstance(image, TiffImageFile):
        return 0
    tags = image.tag_v2
    width, height = tags[_WIDTH], tags[_HEIGHT]
    if tags.get(_COMPRESSION, _RAW) == _RAW:
        part = 0
    elif _TILE_STARTS in tags:
        part = tags[_TILE_WIDTH] * tags[_TILE_HEIGHT]
    else:
        part = width * min(tags.get(_STRIP_ROWS, height), height)
    samples = 1 if tags.get(_PLANES) == _SEPARATE_PLANES else tags.get(_SAMPLES, 1)
    sample_bytes = -(-max(tags.get(_SAMPLE_BITS, (1,))) // 8)
    return int(part * samples * sample_bytes + _PIXEL_BYTES * width * height)


def _check_jpegs(image: TiffImageFile, data: bytes) -> None:
    tags = image.tag_v2
    width, height = tags[_WIDTH], tags[_HEIGHT]
    if _TILE_STARTS in tags:
        starts, sizes = tags[_TILE_STARTS], tags[_TILE_SIZES]
        rows = [tags[_TILE_HEIGHT]] * len(starts)
        width = tags[_TILE_WIDTH]
    else:
        starts, sizes = tags[_STRIP_STARTS], tags[_STRIP_SIZES]
        each = min(tags.get(_STRIP_ROWS, height), height)
        rows = [min(each, height - each * number) for number in range(len(starts))]
    for start, size, least in zip(starts, sizes, rows, strict=False):
        found = frame_size(data[start : start + size])
        if found is not None and (found[0] < width or found[1] < least):
            raise BrokenImageError(FEWER_PIXELS)
