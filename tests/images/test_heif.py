"""Photographs as phones write them: HEIC."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3_playground.cli.plan import image_suffixes
from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import decode_image, open_image
from sam3_playground.images.kinds import media_type
from tests.images.quarters import QUARTERS, SHOWN, exif_of, lying


def heic(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "HEIF", quality=95, chroma=444, **options)
    return file.getvalue()


def photograph(orientation: int) -> bytes:
    """What a phone held that way writes: the turn as a property, and once more as EXIF."""
    data = heic(lying(orientation), exif=exif_of(orientation))
    return with_exif(data, orientation)


def with_exif(data: bytes, orientation: int) -> bytes:
    """The file with this orientation in its EXIF, its properties as they are."""
    entry = struct.pack(">HHL", 0x0112, 3, 1)
    assert data.count(entry) == 1
    place = data.index(entry) + len(entry)
    return data[:place] + struct.pack(">H", orientation) + data[place + 2 :]


def assert_shows_the_quarters(data: bytes) -> None:
    shown = decode_image(data)
    assert shown.size == SHOWN.shape[:2]
    assert np.abs(shown.pixels[16::32, 24::48].astype(int) - QUARTERS).max() <= 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_once(orientation: int) -> None:
    assert_shows_the_quarters(photograph(orientation))


def test_exif_alone_turns_nothing() -> None:
    """HEIF's own properties say how it lies; EXIF is the camera's note."""
    upright = heic(Image.fromarray(SHOWN), exif=exif_of(1))
    assert b"irot" not in upright
    assert_shows_the_quarters(with_exif(upright, 6))


def test_broken_exif_is_no_reason_to_refuse() -> None:
    data = photograph(1)
    place = data.index(b"MM\0*")
    broken = data[:place] + b"garbage!" + data[place + 8 :]
    assert_shows_the_quarters(broken)


def test_of_several_images_the_primary_one_is_shown() -> None:
    others = [Image.new("RGB", (64, 64), colour) for colour in ("yellow", "black")]
    data = heic(others[0], save_all=True, append_images=[Image.fromarray(SHOWN), others[1]],
                primary_index=1)  # fmt: skip
    assert_shows_the_quarters(data)


def test_a_file_is_known_by_its_bytes_and_in_folders_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(photograph(1))
    assert open_image(path).size == SHOWN.shape[:2]
    assert media_type(path.read_bytes()) == "image/heif"
    assert {".heic", ".heif"} <= image_suffixes()


def test_too_many_pixels_are_refused_from_the_header() -> None:
    with pytest.raises(ImageTooLargeError, match="at most 6,143"):
        decode_image(photograph(1), max_pixels=6143)
    assert decode_image(photograph(1), max_pixels=6144).size == (64, 96)


def claiming(width: int, height: int) -> bytes:
    """A file whose header has another size than its pixels."""
    data = heic(Image.new("RGB", (2048, 2048), "red"))
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">LL", width, height) + data[place + 8 :]


@pytest.mark.parametrize("side", [64, 4096])
def test_another_size_than_the_headers_is_refused(side: int) -> None:
    assert decode_image(claiming(2048, 2048)).size == (2048, 2048)
    with pytest.raises(InvalidImageError):
        decode_image(claiming(side, side), max_pixels=4096 * 4096)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    data = heic(Image.fromarray(noise))
    with pytest.raises(InvalidImageError):
        decode_image(data[: int(len(data) * share)])
