"""Damaged files of every format: an image of the size that is said, or a sentence in words."""

from __future__ import annotations

import io
import random
import re
import warnings
from typing import Any

import pytest
from PIL import Image

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import FORMATS, decode_image
from sam3_playground.images.kinds import media_type
from tests.image_files import encoded, icon, picture

MUTANTS = 200
MOST = 10**6
REASONS = (
    "it ends too early",
    "it holds fewer pixels than its header says",
    "it holds more pixels than its header says",
    "it holds no pixels",
    "what it holds is damaged",
)
# All that is ever said, to the last letter: whatever a library says would be something else.
SENTENCES = (
    r"expected an image \(JPEG, PNG, WebP, \.\.\.\), got the image of [\d,]+ bytes, which is none",
    rf"expected a whole image, got the image, which is broken(: ({'|'.join(REASONS)}))?",
    r"expected at most [\d,]+ pixels, got the image of \d+ x \d+",
    r"expected at most [\d,]+ pixels in a [A-Z0-9]+ file of this sort, which takes more memory .*",
)
SAID = re.compile("|".join(SENTENCES))
# libtiff reports to standard error by itself, and Pillow lets nobody turn that off.
TALKATIVE = {"TIFF"}

FILES: list[tuple[str, str, dict[str, Any]]] = [
    ("PNG", "RGB", {}),
    ("PNG", "P", {}),
    ("PNG", "I;16", {}),
    ("JPEG", "RGB", {}),
    ("JPEG", "CMYK", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("WEBP", "RGB", {"save_all": True, "append_images": [picture("L")]}),
    ("GIF", "P", {}),
    ("GIF", "P", {"save_all": True, "append_images": [picture("L")]}),
    ("BMP", "RGB", {}),
    ("BMP", "P", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "F", {}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "LA", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("TIFF", "L", {"compression": "packbits"}),
    ("AVIF", "RGB", {}),
    ("AVIF", "RGBA", {"subsampling": "4:4:4"}),
    ("PPM", "RGB", {}),
    ("PPM", "I;16", {}),
    ("JPEG2000", "RGB", {}),
    ("JPEG2000", "LA", {"tile_size": (32, 32)}),
    ("ICO", "RGBA", {"bitmap_format": "bmp"}),
    ("HEIF", "RGB", {}),
]
NAMES = [f"{kind} {mode} {' '.join(map(str, options))}".strip() for kind, mode, options in FILES]


def whole(kind: str, mode: str, options: dict[str, Any]) -> bytes:
    return encoded(picture(mode), kind, **options)


def check(data: bytes) -> bool:
    """Whether it became an image."""
    try:
        size = decode_image(data, max_pixels=MOST).size
    except (InvalidImageError, ImageTooLargeError) as error:
        said = str(error)
    else:
        declared = declared_size(data)
        assert declared is None or size in {declared, declared[::-1]}
        return True
    assert SAID.fullmatch(said), said
    return False


def declared_size(data: bytes) -> tuple[int, int] | None:
    """What Pillow says; None for an icon, which is decoded before it says anything."""
    if data.startswith(b"\0\0\1\0"):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as image:
            return image.size


@pytest.mark.parametrize(("kind", "mode", "options"), FILES, ids=NAMES)
def test_a_damaged_file_is_an_image_or_a_sentence(
    kind: str, mode: str, options: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    data = whole(kind, mode, options)
    assert check(data)
    for quarter in range(4):
        cut = data[: len(data) * quarter // 4]
        # Of an animated GIF the first frame may be whole, and no more is wanted.
        assert not check(cut) or (kind == "GIF" and "save_all" in options)
    chance = random.Random(f"{kind} {mode} {options.keys()}")
    images = 0
    for number in range(MUTANTS):
        mutant = bytearray(data)
        for _ in range(1 + number % 4):
            # Half of them in the header, where sizes and offsets stand.
            end = len(data) if number % 2 else min(len(data), 256)
            mutant[chance.randrange(end)] = chance.randrange(256)
        images += check(bytes(mutant))
    assert images < MUTANTS
    # Nor do libraries speak past Python to whoever runs the program.
    if kind not in TALKATIVE:
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("kind", "mode", "options"), FILES, ids=NAMES)
def test_a_damaged_header_has_a_media_type_or_a_sentence(
    kind: str, mode: str, options: dict[str, Any]
) -> None:
    data = whole(kind, mode, options)
    assert media_type(data).startswith("image/")
    chance = random.Random(kind)
    for _ in range(MUTANTS // 4):
        mutant = bytearray(data)
        for _ in range(3):
            mutant[chance.randrange(min(len(data), 256))] = chance.randrange(256)
        try:
            said = media_type(bytes(mutant), name="the image")
        except InvalidImageError as error:
            said = str(error)
        assert said.startswith("image/") or SAID.fullmatch(said), said


def test_every_format_is_damaged() -> None:
    assert {kind for kind, *_ in FILES} == set(FORMATS)


@pytest.mark.parametrize("data", [b"", b"\0", b"P", b"BM", b"\xff\xd8\xff", b"II*\0", b"GIF89a"])
def test_a_beginning_is_no_image(data: bytes) -> None:
    assert not check(data)


def test_an_icon_with_a_damaged_png_is_broken() -> None:
    data = encoded(picture(), "PNG")
    assert check(icon(data))
    for size in (0, 10, len(data) - 1, len(data) + 1, 2**31):
        assert not check(icon(data, size=size))
