"""A file's word on its size is not taken: neither for more than it holds, nor for less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import decode_image
from sam3_playground.images.kinds import media_type
from tests.image_files import (
    HEIGHT,
    RESIZE,
    WIDTH,
    encoded,
    flat,
    icon,
    icon_of,
    interlaced_png,
    picture,
    resized_box,
    resized_jpeg,
    resized_jpeg2000,
    tiff_of_one_tile,
)

FEWER = "fewer pixels than its header says"
STRIPS = {"tiffinfo": {278: 8}}
ENCODINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("PNG", "RGB", {}),
    ("PNG", "L", {}),
    ("PNG", "P", {}),
    ("PNG", "LA", {}),
    ("PNG", "1", {}),
    ("PNG", "I;16", {}),
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"subsampling": 0, "restart_marker_rows": 1}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "L", {}),
    ("JPEG", "L", {"progressive": True}),
    ("JPEG", "CMYK", {}),
    ("GIF", "P", {}),
    ("BMP", "RGB", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "RGB", STRIPS),
    ("TIFF", "RGB", {"compression": "tiff_lzw", **STRIPS}),
    ("TIFF", "RGB", {"compression": "tiff_adobe_deflate", **STRIPS}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGB", {"lossless": True}),
    ("AVIF", "RGB", {}),
    ("AVIF", "RGBA", {}),
    ("PPM", "RGB", {}),
    ("JPEG2000", "RGB", {}),
    ("JPEG2000", "RGB", {"tile_size": (32, 32), "no_jp2": True}),
]
NAMES = [f"{kind} {mode} {options or ''}".strip() for kind, mode, options in ENCODINGS]


@pytest.mark.parametrize(("kind", "mode", "options"), ENCODINGS, ids=NAMES)
@pytest.mark.parametrize("size", [(WIDTH, 2 * HEIGHT), (2 * WIDTH, HEIGHT), (999, 999)], ids=str)
def test_a_header_that_says_more_than_there_is_is_refused(
    size: tuple[int, int], kind: str, mode: str, options: dict[str, Any]
) -> None:
    whole = encoded(picture(mode), kind, **options)
    assert decode_image(whole).size == (HEIGHT, WIDTH)
    with pytest.raises(InvalidImageError, match="which is broken"):
        decode_image(RESIZE[kind](whole, *size))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_a_few_kilobytes_that_claims_a_hundred_megapixels_is_refused(
    progressive: bool,
) -> None:
    whole = encoded(picture(), "JPEG", progressive=progressive)
    assert len(whole) < 4096
    with pytest.raises(InvalidImageError, match=FEWER):
        decode_image(resized_jpeg(whole, 9999, 9999))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_cut_short_and_closed_again_is_refused(options: dict[str, Any]) -> None:
    whole = encoded(picture(size=(320, 240)), "JPEG", quality=90, **options)
    scan = whole.index(b"\xff\xda")
    for share in (0.02, 0.1):
        cut = whole[: scan + int((len(whole) - scan) * share)] + b"\xff\xd9"
        with pytest.raises(InvalidImageError, match="which is broken"):
            decode_image(cut)


GREYS: list[tuple[str, tuple[int, ...]]] = [
    ("RGB", (128, 128, 128)),
    ("L", (128,)),
    ("CMYK", (127, 127, 127, 127)),
]


@pytest.mark.parametrize(("mode", "colour"), GREYS)
@pytest.mark.parametrize("progressive", [False, True])
def test_grey_that_is_in_a_jpeg_is_shown(
    mode: str, colour: tuple[int, ...], progressive: bool
) -> None:
    """It ends in the very grey that libjpeg leaves where there is nothing."""
    image = picture(mode)
    image.paste(colour if len(colour) > 1 else colour[0], (0, 16, WIDTH, HEIGHT))
    for subsampling in (0, 2) if mode == "RGB" else (0,):
        data = encoded(image, "JPEG", progressive=progressive, subsampling=subsampling)
        assert decode_image(data).size == (HEIGHT, WIDTH)
        assert decode_image(data + b"after the end").size == (HEIGHT, WIDTH)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "LA", "I;16"])
def test_black_rows_that_are_in_a_png_are_shown(mode: str) -> None:
    image = Image.new(mode, (13, 11))
    data = encoded(image, "PNG")
    assert decode_image(data).size == (11, 13)
    with pytest.raises(InvalidImageError, match=FEWER):
        decode_image(RESIZE["PNG"](data, 13, 12))


def test_an_interlaced_png_has_the_rows_of_all_its_passes() -> None:
    pixels = decode_image(interlaced_png()).pixels[..., 0]
    assert pixels.tolist() == [
        [200, 160, 190, 150],
        [9, 8, 7, 6],
        [180, 140, 170, 130],
        [0, 0, 0, 0],
    ]
    for height in (5, 6, 9):
        with pytest.raises(InvalidImageError, match="which is broken"):
            decode_image(interlaced_png(height))


def test_damaged_pixels_of_a_png_are_refused() -> None:
    data = bytearray(encoded(picture(), "PNG"))
    data[-20] ^= 1  # in zlib's checksum: Pillow has all its pixels before
    with pytest.raises(InvalidImageError, match="which is broken: what it holds is damaged"):
        decode_image(bytes(data))


@pytest.mark.parametrize("cut", [1, 4, 12, 13, 22])
def test_a_png_without_its_last_bytes_is_not_whole(cut: int) -> None:
    """All pixels are there, and Pillow takes it; a file that was not sent whole is said to be."""
    data = encoded(picture(), "PNG")
    assert decode_image(data + bytes(1000)).size == (HEIGHT, WIDTH)
    with pytest.raises(InvalidImageError, match="which is broken: it ends too early"):
        decode_image(data[:-cut])
    with pytest.raises(InvalidImageError, match="which is broken: it ends too early"):
        decode_image(icon(data)[:-cut])


def test_tiles_that_a_jpeg_2000_lacks_are_missed() -> None:
    data = encoded(picture(), "JPEG2000", tile_size=(32, 32))
    for tile in (1, 2, 3):
        place = -1
        for _ in range(tile + 1):
            place = data.index(b"\xff\x90\x00\x0a", place + 1)
        with pytest.raises(InvalidImageError, match="which is broken"):
            decode_image(data[:place])
        with pytest.raises(InvalidImageError, match=FEWER):
            decode_image(resized_codestream_end(data[:place]))


def resized_codestream_end(data: bytes) -> bytes:
    """The file with its boxes closed as if nothing came after."""
    place = data.index(b"jp2c") - 4
    data += b"\xff\xd9"
    return data[:place] + (len(data) - place).to_bytes(4, "big") + data[place + 4 :]


def test_of_an_icon_the_largest_image_with_the_most_colours_is_shown() -> None:
    red, green, blue = (
        encoded(Image.new("RGBA", (32, 32), colour), "PNG") for colour in ("red", "green", "blue")
    )
    small = encoded(Image.new("RGBA", (16, 16), "white"), "PNG")
    data = icon_of((16, 32, small), (32, 8, red), (32, 32, green), (32, 4, blue))
    assert decode_image(data).pixels[0, 0].tolist() == [0, 128, 0]
    assert media_type(data) == "image/x-icon"


@pytest.mark.parametrize("side", [256, 37])
def test_bitmaps_in_icons_are_shown(side: int) -> None:
    image = picture("RGBA", (side, side))
    data = encoded(image, "ICO", sizes=[(side, side)], bitmap_format="bmp")
    expected = decode_image(encoded(image, "PNG")).pixels
    np.testing.assert_allclose(decode_image(data).pixels, expected, atol=1)
    for cut in (1, 100, len(data) // 2):
        with pytest.raises(InvalidImageError, match="which is broken: it ends too early"):
            decode_image(data[:-cut])
    for place, value in ((6 + 0, 38), (22 + 4, 38), (22 + 8, 38)):
        with pytest.raises(InvalidImageError, match="which is broken"):
            decode_image(data[:place] + bytes([value]) + data[place + 1 :])


def test_an_icon_may_hold_more_than_its_directory_can_say() -> None:
    data = icon(flat(512, 300, "PNG"))
    assert decode_image(data).size == (300, 512)
    with pytest.raises(ImageTooLargeError, match="512 x 300"):
        decode_image(data, max_pixels=512 * 299)


@pytest.mark.parametrize(
    "data", [b"\0\0\1\0\0\0", b"\0\0\1\0\1\0", b"\0\0\1\0\xff\xff" + bytes(99)]
)
def test_an_icon_of_nothing_is_broken(data: bytes) -> None:
    with pytest.raises(InvalidImageError, match="which is broken"):
        decode_image(data)


def test_an_animated_avif_shows_its_first_image() -> None:
    frames = [Image.new("RGB", (32, 32), "blue")]
    data = encoded(Image.new("RGB", (32, 32), "red"), "AVIF", save_all=True, append_images=frames)
    assert data[8:12] == b"avis"
    np.testing.assert_allclose(decode_image(data).pixels[9, 9], [255, 0, 0], atol=4)


SIDE = 5000
# What holds 25 megapixels and says that it is small.
INNER = {
    "icon": lambda: icon(flat(SIDE, SIDE, "PNG"), 16),
    "avif": lambda: resized_box(flat(SIDE, SIDE, "AVIF", speed=10), 16, 16),
    "jpeg 2000": lambda: resized_jpeg2000(flat(SIDE, SIDE, "JPEG2000"), 16, 16),
    "tile": lambda: tiff_of_one_tile(16, SIDE),
}
SCRIPT = """
import sys
from pathlib import Path
from PIL import Image
from sam3_playground.errors import PlaygroundError
from sam3_playground.images import decode_image
from tests.peak import peak_bytes

def decode(data):
    try:
        decode_image(data, max_pixels=1_000_000)
    except PlaygroundError as error:
        print(type(error).__name__)

Image.init()
data = Path(sys.argv[1]).read_bytes()
print(peak_bytes(lambda: decode(data)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory was taken")
@pytest.mark.parametrize("name", INNER)
def test_what_a_container_hides_is_refused_before_it_is_decoded(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hidden"
    path.write_bytes(INNER[name]())
    assert path.stat().st_size < 400_000
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, path],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    error, peak = ran.stdout.split()
    assert error == ("ImageTooLargeError" if name == "icon" else "InvalidImageError")
    assert int(peak) < 8 * 2**20
