from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import InvalidImageError


def gradient(height: int, width: int) -> NDArray[np.uint8]:
    return np.arange(height * width * 3).reshape(height, width, 3).astype(np.uint8)


def test_size_is_height_and_width() -> None:
    assert RgbImage(gradient(2, 5)).size == (2, 5)


def test_equal_pixels_have_equal_keys_however_they_lie_in_memory() -> None:
    pixels = gradient(4, 6)
    same = np.asfortranarray(pixels)
    assert RgbImage(pixels).key == RgbImage(same).key
    assert RgbImage(same).pixels.flags.c_contiguous


def test_one_changed_value_or_another_shape_changes_the_key() -> None:
    pixels = gradient(4, 6)
    changed = pixels.copy()
    changed[3, 5, 2] ^= 1
    turned = pixels.reshape(6, 4, 3)
    assert len({RgbImage(image).key for image in (pixels, changed, turned)}) == 3


@pytest.mark.parametrize(
    ("pixels", "got"),
    [
        (np.zeros((3, 4, 5), np.uint8), r"\(3, 4, 5\)"),  # channels first, or too many
        (np.zeros((4, 5), np.uint8), r"\(4, 5\)"),  # grey
        (np.zeros((4, 5, 4), np.uint8), r"\(4, 5, 4\)"),  # with transparency
        (np.zeros((0, 5, 3), np.uint8), r"\(0, 5, 3\)"),
        (np.zeros((4, 5, 3), np.float32), "float32"),
    ],
)
def test_other_arrays_are_refused(pixels: NDArray[np.uint8], got: str) -> None:
    with pytest.raises(InvalidImageError, match=f"expected pixels .*got .*{got}"):
        RgbImage(pixels)
