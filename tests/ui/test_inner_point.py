"""A point deep inside a mask: where a click on what was found belongs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.ui.overlay import DEPTH_SIDE, inner_point
from tests.core.drawing import bitmaps, properties


@properties
@given(bitmaps())
def test_the_inner_point_of_a_mask_lies_in_it(pixels: NDArray[np.bool_]) -> None:
    x, y = inner_point(mask_from_bitmap(pixels))
    if pixels.any():
        assert pixels[int(y), int(x)]
        assert (x % 1, y % 1) == (0.5, 0.5)
    else:
        assert (x, y) == (0.0, 0.0)


@pytest.mark.parametrize("side", [DEPTH_SIDE, DEPTH_SIDE + 1, 5 * DEPTH_SIDE + 3])
def test_the_inner_point_of_a_large_mask_lies_deep_in_it(side: int) -> None:
    rows, columns = np.indices((side + 20, side + 9))
    disc = np.hypot(rows - side / 2 - 9, columns - side / 2) < side / 2
    x, y = inner_point(mask_from_bitmap(disc))
    assert np.hypot(y - side / 2 - 9, x - side / 2) < side / 20
    # A line that no sampled pixel hits, and a point far from its like.
    line = np.zeros((side, side), bool)
    line[np.arange(side), np.arange(side)] = True
    line[:: max(1, side // DEPTH_SIDE + 1)] = False
    x, y = inner_point(mask_from_bitmap(line))
    assert line[int(y), int(x)]
