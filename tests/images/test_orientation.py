"""An image is turned as its file says, once, in every format that can say it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from sam3_playground.images import decode_image
from tests.images.files import file_of, written
from tests.images.quarters import QUARTERS, SHOWN, exif_of, lying


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_all_eight_orientations_show_the_same_picture(kind: str, orientation: int) -> None:
    shown = decode_image(file_of(kind, orientation))
    assert shown.size == SHOWN.shape[:2]
    centres = shown.pixels[16::32, 24::48].astype(int)
    assert np.abs(centres - QUARTERS).max() <= 12  # compression's share


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_pictures_of_the_other_orientations_lie_otherwise(orientation: int) -> None:
    assert not np.array_equal(np.asarray(lying(orientation)), SHOWN)
    upright = written(lying(orientation), "PNG", exif=exif_of(1))
    assert decode_image(upright).key != decode_image(file_of("PNG", 1)).key


def directory(*entries: tuple[int, int, int, bytes]) -> bytes:
    """EXIF with (tag, type, count, value) entries as they come."""
    body = b"".join(struct.pack("<HHL", *entry[:3]) + entry[3] for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + body + bytes(4)


BROKEN = {
    "garbage": b"garbage! " * 20,
    "cut in its header": b"II*\0\x08\0",
    "cut in its entries": exif_of(6)[6:20],
    "endless": b"II*\0\x08\0\0\0" + b"\xff" * 60,
    "directory beyond its end": b"II*\0\xff\xff\xff\x7f" + bytes(20),
    "orientation 9": directory((0x0112, 3, 1, b"\x09\0\0\0")),
    "orientation 0": directory((0x0112, 3, 1, bytes(4))),
    "huge orientation": directory((0x0112, 4, 1, b"\xff\xff\xff\xff")),
    "orientation in words": directory((0x0112, 2, 4, b"six\0")),
    "orientation as a float": directory((0x0112, 11, 1, struct.pack("<f", 6.0))),
    "of an unknown type": directory((0x0112, 99, 1, b"\x06\0\0\0")),
    "a loop": directory((0x8769, 4, 1, b"\x08\0\0\0"), (0x8825, 4, 1, b"\x08\0\0\0")),
}


def jpeg_with(exif: bytes) -> bytes:
    plain = written(Image.fromarray(SHOWN), "JPEG", quality=95)
    segment = b"Exif\0\0" + exif
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]


WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "JPEG": jpeg_with,
    "PNG": lambda exif: written(Image.fromarray(SHOWN), "PNG", exif=exif),
    "WebP": lambda exif: written(Image.fromarray(SHOWN), "WEBP", lossless=True, exif=exif),
    "WebP with a prefix": lambda exif: written(
        Image.fromarray(SHOWN), "WEBP", lossless=True, exif=b"Exif\0\0" + exif
    ),
}


@pytest.mark.parametrize("exif", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_broken_exif_is_no_reason_to_refuse(write: Callable[[bytes], bytes], exif: bytes) -> None:
    data = write(exif)
    assert exif[:40] in data
    shown = decode_image(data).pixels
    assert shown.shape == SHOWN.shape
    assert np.abs(shown.astype(int) - SHOWN).mean() < 3


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_whole_exif_in_the_same_place_is_read(write: Callable[[bytes], bytes]) -> None:
    assert decode_image(write(exif_of(6)[6:])).size == SHOWN.shape[1::-1]


@pytest.mark.parametrize("pointer", [b"\xff\xff\xff\x7f", bytes(4), b"\x08\0\0\0"])
def test_a_tiff_whose_exif_lies_nowhere_is_opened(pointer: bytes) -> None:
    exif = {0x8769: {0x9003: "2020:01:01 00:00:00"}, 0x0112: 6}
    data = written(lying(6), "TIFF", tiffinfo=exif)
    entry = data.index(struct.pack("<H", 0x8769))
    shown = decode_image(data[: entry + 8] + pointer + data[entry + 12 :])
    assert shown.size == SHOWN.shape[:2]
