"""Colours of a camera's bits in files of 16 look as they do in 8."""

from __future__ import annotations

import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.images import decode_image
from tests.images.files import with_chunk
from tests.images.profiles import ADOBE_RGB, rgb_profile

FILES: dict[str, tuple[str, list[int]]] = {
    "PNG": (".png", []),
    "TIFF": (".tiff", [cv2.IMWRITE_TIFF_COMPRESSION, 1]),
    "TIFF with LZW": (".tiff", [cv2.IMWRITE_TIFF_COMPRESSION, 5]),
    "TIFF with deflate": (".tiff", [cv2.IMWRITE_TIFF_COMPRESSION, 8]),
}


def picture() -> NDArray[np.float64]:
    """(40, 60, 3), 0 to 1, of shades that 16 levels could not tell apart."""
    red, green = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 0.8, 40))
    return np.stack([red, green, 1 - red], axis=-1)


def written(kind: str, values: NDArray[Any]) -> bytes:
    suffix, options = FILES[kind]
    order = [2, 1, 0, 3][: values.shape[2]]
    data: bytes = cv2.imencode(suffix, values[..., order], options)[1].tobytes()
    return data


def in_bits(bits: int) -> NDArray[np.uint16]:
    values: NDArray[np.uint16] = np.round(picture() * (2**bits - 1)).astype(np.uint16)
    return values


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", FILES)
def test_white_is_what_the_bits_in_use_can_hold(kind: str, bits: int) -> None:
    shown = decode_image(written(kind, in_bits(bits))).pixels
    assert np.abs(shown - np.round(picture() * 255)).max() <= 1


@pytest.mark.parametrize("kind", FILES)
def test_what_needs_more_bits_than_a_sensor_has_is_on_the_files_scale(kind: str) -> None:
    """Photo editors write all 16, also of a dark picture."""
    values = in_bits(15)
    shown = decode_image(written(kind, values)).pixels
    assert np.abs(shown - np.round(values / 65535 * 255)).max() <= 1


@pytest.mark.parametrize("alpha_bits", [12, 16])
def test_alpha_has_a_scale_of_its_own(alpha_bits: int) -> None:
    alpha = np.zeros((40, 60, 1), np.uint16)
    alpha[:, 30:] = 2**alpha_bits - 1
    shown = decode_image(written("PNG", np.dstack([in_bits(12), alpha]))).pixels
    truth = np.round(picture() * 255)
    truth[:, :30] = 255
    assert np.abs(shown - truth).max() <= 1


def test_all_rows_share_one_scale() -> None:
    values = np.full((1100, 1200, 3), 1000, np.uint16)
    values[-1] = 4095
    shown = decode_image(written("PNG", values)).pixels
    assert (shown[0, 0].tolist(), shown[-1, 0].tolist()) == ([62] * 3, [255] * 3)


def test_profiles_apply_to_deep_colours() -> None:
    chunk = b"it\0\0" + zlib.compress(rgb_profile(ADOBE_RGB, 2.2))
    deep, flat, plain = (
        decode_image(data).pixels.astype(int)
        for data in (
            with_chunk(written("PNG", in_bits(12)), b"iCCP", chunk),
            with_chunk(written("PNG", np.round(picture() * 255).astype(np.uint8)), b"iCCP", chunk),
            written("PNG", in_bits(12)),
        )
    )
    assert np.abs(deep - flat).max() <= 3
    assert np.abs(deep - plain).max() > 10
