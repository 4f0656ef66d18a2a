"""Image files of every sort become right pixels, or a right message."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images import decode_image, open_image
from sam3_playground.images.opening import opened
from tests.interleaving import interleaved

RED, GREEN = (255, 0, 0), (0, 128, 0)


def halves() -> Image.Image:
    """A red left half and a green right half, 8 x 4."""
    image = Image.new("RGB", (8, 4), RED)
    image.paste(GREEN, (4, 0, 8, 4))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def oriented(orientation: int) -> bytes:
    """Halves as a camera held another way stores them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(halves(), "PNG", exif=exif)


def animated() -> bytes:
    second = Image.new("RGB", (8, 4), "blue")
    return encoded(halves(), "GIF", save_all=True, append_images=[second])


def transparent() -> bytes:
    image = halves().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 4, 4))
    return encoded(image, "PNG")


WHITE = (255, 255, 255)
CASES: list[tuple[str, Callable[[], bytes], tuple[int, ...], tuple[int, ...]]] = [
    # what, bytes, the left pixel, the right pixel
    ("plain", lambda: encoded(halves(), "PNG"), RED, GREEN),
    ("palette", lambda: encoded(halves().quantize(4), "PNG"), RED, GREEN),
    ("lossless webp", lambda: encoded(halves(), "WEBP", lossless=True), RED, GREEN),
    ("bmp", lambda: encoded(halves(), "BMP"), RED, GREEN),
    ("cmyk tiff", lambda: encoded(halves().convert("CMYK"), "TIFF"), RED, (0, 128, 0)),
    ("first frame", animated, RED, GREEN),
    ("transparent on white", transparent, WHITE, GREEN),
    ("one bit", lambda: encoded(Image.new("1", (8, 4), 1), "PNG"), WHITE, WHITE),
    ("mirrored by EXIF", lambda: oriented(2), GREEN, RED),
    ("turned by EXIF", lambda: oriented(3), GREEN, RED),
]


@pytest.mark.parametrize(
    ("make", "left", "right"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_every_mode_gives_the_pixels_a_viewer_shows(
    make: Callable[[], bytes], left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    pixels = decode_image(make()).pixels
    assert pixels.shape == (4, 8, 3)
    np.testing.assert_allclose(pixels[1, 0], left, atol=2)
    np.testing.assert_allclose(pixels[1, -1], right, atol=2)


def test_a_quarter_turn_by_exif_swaps_the_sides() -> None:
    assert decode_image(oriented(6)).size == (8, 4)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 65535], [32768, 257]], np.uint16), [[0, 255], [128, 1]]),
        (np.array([[0, 255], [128, 7]], np.uint16), [[0, 255], [128, 7]]),  # 8 bits in 16
    ],
)
def test_sixteen_bits_are_scaled_and_not_clipped(
    values: np.ndarray, expected: list[list[int]]
) -> None:
    pixels = decode_image(encoded(Image.fromarray(values), "PNG")).pixels
    assert pixels[..., 0].tolist() == expected


def test_floats_are_stretched() -> None:
    values = np.array([[-1.0, 0.0], [1.0, np.nan]], np.float32)
    pixels = decode_image(encoded(Image.fromarray(values), "TIFF")).pixels
    assert pixels[..., 0].tolist() == [[0, 128], [255, 128]]


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", encoded(halves(), "PNG")[:40], encoded(halves(), "JPEG")[:-60]],
    ids=["empty", "text", "header only", "truncated"],
)
def test_broken_images_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidImageError, match="expected"):
        decode_image(data)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(ImageTooLargeError, match="20000 x 20000"):
        decode_image(bomb)
    assert decode_image(encoded(halves(), "PNG"), max_pixels=32).size == (4, 8)
    with pytest.raises(ImageTooLargeError, match="at most 31"):
        decode_image(encoded(halves(), "PNG"), max_pixels=31)


def test_a_missing_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(InvalidImageError, match=r"nothing\.png: No such file"):
        open_image(tmp_path / "nothing.png")
    with pytest.raises(InvalidImageError, match="directory"):
        open_image(tmp_path)


def test_equal_pixels_have_equal_keys_whatever_the_file() -> None:
    png, bmp = decode_image(encoded(halves(), "PNG")), decode_image(encoded(halves(), "BMP"))
    assert png.key == bmp.key
    assert png.key != decode_image(encoded(Image.new("RGB", (8, 4)), "PNG")).key
    tall = Image.new("RGB", (4, 8))
    assert (
        decode_image(encoded(tall, "PNG")).key
        != decode_image(encoded(Image.new("RGB", (8, 4)), "PNG")).key
    )


def test_pillows_own_limit_holds_for_others_and_not_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the same process, at the same time, on whatever Pillow checks."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    file = encoded(Image.new("RGB", (40, 30)), "PNG")
    refused: list[bool] = []

    def decode(middle: Callable[[], None]) -> None:
        with opened(file, name="it") as image:
            middle()
            assert image.load().size == (40, 30)
            with ThreadPoolExecutor(1) as pool:
                refused.append(pool.submit(is_refused, file).result())

    interleaved(decode)
    assert refused == [True, True]
    assert is_refused(file)
    for kind in ("GIF", "TIFF", "BMP", "WEBP"):
        assert decode_image(encoded(Image.new("RGB", (40, 30)), kind)).size == (30, 40)
    assert Image.MAX_IMAGE_PIXELS == 10


def is_refused(file: bytes) -> bool:
    """Whether Pillow by itself thinks that a file is too large."""
    try:
        Image.open(io.BytesIO(file)).close()
    except Image.DecompressionBombError:
        return True
    return False


def test_formats_that_run_other_programs_are_refused() -> None:
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF"
    with pytest.raises(InvalidImageError, match="which is none"):
        decode_image(eps)
