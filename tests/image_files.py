"""Image files of every format, whole and with every fault that a file may have."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48
SIZE_WH = (WIDTH, HEIGHT)
Resize = Callable[[bytes, int, int], bytes]


def picture(mode: str = "RGB", size: tuple[int, int] = SIZE_WH) -> Image.Image:
    """Slow waves in all channels, so that each row and each block is another one.

    The lower right corner is bright: no decoder leaves that where it has nothing.
    """
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    waves = [40 + 190 * (0.5 + 0.5 * np.sin(a * x * 9 + b * y * 7)) for a, b in ((1, 2), (2, 1))]
    channels = np.stack([*waves, 60 + 180 * x * y], axis=2).astype(np.uint8)
    channels[height * 3 // 4 :, width * 3 // 4 :] = (250, 240, 230)
    image = Image.fromarray(channels)
    grey = np.asarray(image.convert("L"))
    match mode:
        case "P":
            return image.quantize(64)
        case "RGBA" | "LA":
            image = image.convert(mode)
            image.putalpha(Image.fromarray(np.maximum(grey, 60)))
            return image
        case "I;16":
            return Image.fromarray(grey.astype(np.uint16) * 257)
        case "I":
            return Image.fromarray(grey.astype(np.int32) * 257)
        case "F":
            return Image.fromarray(grey.astype(np.float32) / 255)
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The image as a file of that format."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def flat(width: int, height: int, kind: str, **options: Any) -> bytes:
    """A large image of one colour: few bytes for many pixels."""
    mode = "L" if kind in {"PNG", "TIFF"} else "RGB"
    return encoded(
        Image.new(mode, (width, height), "red" if mode == "RGB" else 90), kind, **options
    )


def icon(image: bytes, side: int = 0, *, bits: int = 32, size: int | None = None) -> bytes:
    """An icon with one image; its directory says `side`, 0 for 256."""
    return _directory([(side, bits, image, size)]) + image


def icon_of(*images: tuple[int, int, bytes]) -> bytes:
    """An icon with several images: sides, bits a pixel and files."""
    return _directory([(side, bits, image, None) for side, bits, image in images]) + b"".join(
        image for _, _, image in images
    )


def _directory(entries: list[tuple[int, int, bytes, int | None]]) -> bytes:
    start = 6 + 16 * len(entries)
    packed = struct.pack("<HHH", 0, 1, len(entries))
    for side, bits, image, size in entries:
        length = len(image) if size is None else size
        packed += struct.pack("<BBBBHHII", side, side, 0, 0, 1, bits, length, start)
        start += len(image)
    return packed


def tiff(tags: dict[int, tuple[int, int]], content: bytes) -> bytes:
    """A little-endian TIFF of the content, which begins at byte 8, and tags: type, value."""
    packed = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(tags.items())
    )
    head = b"II*\0" + struct.pack("<I", 8 + len(content))
    return head + content + struct.pack("<H", len(tags)) + packed + bytes(4)


def tiff_of_one_tile(side: int, tile_side: int) -> bytes:
    """A grey square in a single tile, deflated."""
    packer = zlib.compressobj(9)
    rows = bytes(tile_side)
    packed = b"".join(packer.compress(rows) for _ in range(tile_side)) + packer.flush()
    long, short = 4, 3
    tags = {256: side, 257: side, 322: tile_side, 323: tile_side, 324: 8, 325: len(packed)}
    said = {258: 8, 259: 8, 262: 1, 277: 1}
    return tiff(
        {tag: (long, value) for tag, value in tags.items()}
        | {tag: (short, value) for tag, value in said.items()},
        packed,
    )


def interlaced_png(height: int = 4) -> bytes:
    """Four by four grey pixels in seven passes, which Pillow does not write; any height is said."""
    rows = [(200,), (190,), (180, 170), (160, 150), (140, 130), (9, 8, 7, 6), (0, 0, 0, 0)]
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    head = struct.pack(">IIBBBBB", 4, height, 8, 0, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND")


def _chunk(kind: bytes, content: bytes = b"") -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + crc


# Headers that say another size than the file has.


def resized_png(data: bytes, width: int, height: int) -> bytes:
    head = data[12:16] + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def resized_jpeg(data: bytes, width: int, height: int) -> bytes:
    start = 2
    while data[start + 1] not in {0xC0, 0xC1, 0xC2}:
        start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return _patched(data, start + 5, struct.pack(">HH", height, width))


def resized_gif(data: bytes, width: int, height: int) -> bytes:
    start = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 128 else 0)
    while data[start] == 0x21:  # extensions
        start += 2
        while data[start]:
            start += data[start] + 1
        start += 1
    size = struct.pack("<HH", width, height)
    return _patched(_patched(data, 6, size), start + 5, size)


def resized_tiff(data: bytes, width: int, height: int) -> bytes:
    place = int.from_bytes(data[4:8], "little")
    for number in range(int.from_bytes(data[place : place + 2], "little")):
        entry = place + 2 + 12 * number
        tag, kind = struct.unpack_from("<HH", data, entry)
        if tag in {256, 257}:
            value = width if tag == 256 else height
            packed = struct.pack("<I", value) if kind == 4 else struct.pack("<HH", value, 0)
            data = _patched(data, entry + 8, packed)
    return data


def resized_bmp(data: bytes, width: int, height: int) -> bytes:
    return _patched(data, 18, struct.pack("<ii", width, height))


def resized_ppm(data: bytes, width: int, height: int) -> bytes:
    return data.replace(b"%d %d" % SIZE_WH, b"%d %d" % (width, height), 1)


def resized_jpeg2000(data: bytes, width: int, height: int) -> bytes:
    if b"ihdr" in data:
        data = _patched(data, data.index(b"ihdr") + 4, struct.pack(">II", height, width))
    return _patched(data, data.index(b"\xff\x51") + 6, struct.pack(">II", width, height))


def resized_webp(data: bytes, width: int, height: int) -> bytes:
    if data[12:16] == b"VP8 ":
        return _patched(data, 26, struct.pack("<HH", width, height))
    if data[12:16] == b"VP8L":
        kept = int.from_bytes(data[21:25], "little") & ~(2**28 - 1)
        return _patched(data, 21, struct.pack("<I", kept | width - 1 | height - 1 << 14))
    sides = (side.to_bytes(3, "little") for side in (width - 1, height - 1))
    return _patched(data, 24, b"".join(sides))


def resized_box(data: bytes, width: int, height: int) -> bytes:
    """Of AVIF and HEIF."""
    return _patched(data, data.index(b"ispe") + 8, struct.pack(">II", width, height))


def _patched(data: bytes, place: int, packed: bytes) -> bytes:
    return data[:place] + packed + data[place + len(packed) :]


RESIZE: dict[str, Resize] = {
    "PNG": resized_png,
    "JPEG": resized_jpeg,
    "GIF": resized_gif,
    "TIFF": resized_tiff,
    "BMP": resized_bmp,
    "PPM": resized_ppm,
    "JPEG2000": resized_jpeg2000,
    "WEBP": resized_webp,
    "AVIF": resized_box,
}
