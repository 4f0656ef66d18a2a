"""The same picture looks the same, however many bits its grey was stored in."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sam3_playground.images import decode_image
from tests.images.tiff import grey_tiff

Grey = NDArray[np.generic]


def shades() -> NDArray[np.float64]:
    """(48, 64) from 0 to 1, both of which occur: a ramp, and a dark and a light square."""
    grey = np.linspace(0.0, 1.0, 48 * 64).reshape(48, 64)
    grey[10:20, 30:40], grey[30:40, 10:20] = 0.1, 0.9
    return grey


def stored(grey: NDArray[np.float64], bits: int, kind: str) -> Grey:
    """Grey of 0 to 1 as whole numbers of so many bits in a container of a dtype."""
    values: Grey = np.round(grey * (2**bits - 1)).astype(kind)
    return values


def png(values: Grey) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    return file.getvalue()


def pgm(values: Grey) -> bytes:
    header = f"P5 {values.shape[1]} {values.shape[0]} 65535\n".encode()
    return header + values.astype(">u2").tobytes()


def jpeg_2000(values: Grey) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "JPEG2000", irreversible=False)
    return file.getvalue()


def big_endian(values: Grey) -> bytes:
    file = io.BytesIO()
    image = Image.frombytes("I;16B", values.shape[::-1], values.astype(">u2").tobytes())
    image.save(file, "TIFF")
    assert file.getvalue().startswith(b"MM")
    return file.getvalue()


FILES: list[tuple[str, Callable[[Grey], bytes], int, str]] = [
    *((f"png, {bits} of 16 bits", png, bits, "u2") for bits in (8, 10, 12, 14, 16)),
    *((f"tiff, {bits} of 16 bits", grey_tiff, bits, "u2") for bits in (10, 12, 14, 16)),
    ("tiff, 12 of 16 bits, big-endian", big_endian, 12, "u2"),
    ("tiff, 12 of 16 bits with a sign", grey_tiff, 12, "i2"),
    *((f"tiff, {bits} of 32 bits", grey_tiff, bits, "u4") for bits in (8, 12, 16, 24, 32)),
    *((f"tiff, {bits} of 32 bits with a sign", grey_tiff, bits, "i4") for bits in (12, 31)),
    ("pgm, 12 of 16 bits", pgm, 12, "u2"),
    ("jpeg 2000, 12 of 16 bits", jpeg_2000, 12, "u2"),
]


@pytest.mark.parametrize(
    ("write", "bits", "kind"), [case[1:] for case in FILES], ids=[case[0] for case in FILES]
)
def test_white_is_what_the_bits_in_use_can_hold(
    write: Callable[[Grey], bytes], bits: int, kind: str
) -> None:
    shown = decode_image(write(stored(shades(), bits, kind))).pixels
    truth = np.repeat(stored(shades(), 8, "u1").astype(int)[..., None], 3, axis=2)
    assert np.abs(shown - truth).max() <= 1


def test_floats_of_the_same_picture_look_the_same() -> None:
    shown = decode_image(grey_tiff(shades().astype("f4"))).pixels
    assert np.abs(shown[..., 0] - stored(shades(), 8, "u1").astype(int)).max() <= 1


@pytest.mark.parametrize(("bits", "kind"), [(8, "u1"), (12, "u2"), (16, "u2")])
def test_where_white_is_zero_the_picture_is_no_negative(bits: int, kind: str) -> None:
    values = stored(1.0 - shades(), bits, kind)
    shown = decode_image(grey_tiff(values, white_is_zero=True)).pixels[..., 0]
    assert np.abs(shown - stored(shades(), 8, "u1").astype(int)).max() <= 1
    control = decode_image(grey_tiff(values)).pixels[..., 0]
    assert np.abs(control - stored(1.0 - shades(), 8, "u1").astype(int)).max() <= 1


def test_where_white_is_zero_floats_are_no_negative() -> None:
    values = (1.0 - shades()).astype("f4")
    shown = decode_image(grey_tiff(values, white_is_zero=True)).pixels[..., 0]
    assert np.abs(shown - stored(shades(), 8, "u1").astype(int)).max() <= 1


def test_values_below_zero_are_black() -> None:
    shown = decode_image(grey_tiff(np.array([[-1000, 0, 1023]], "i2"))).pixels
    assert shown[0, :, 0].tolist() == [0, 0, 255]


def test_infinite_floats_leave_the_others_their_scale() -> None:
    values = np.array([[-np.inf, 0.0, 0.5, 1.0, np.inf]], "f4")
    assert decode_image(grey_tiff(values)).pixels[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_all_rows_share_one_scale() -> None:
    """A picture of more pixels than are converted at once, bright in its last row alone."""
    values = np.full((1100, 1200), 1000, "u2")
    values[-1] = 4095
    shown = decode_image(png(values)).pixels[..., 0]
    assert (shown[0, 0], shown[-1, 0]) == (62, 255)
