from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.polygons import mask_to_polygons
from tests.core.drawing import bitmaps, mask, properties


@pytest.mark.parametrize(
    ("rows", "polygons"),
    [
        (["..", ".."], [[]]),  # empty: one polygon without corners
        (["...", ".#."], [[[1, 1]]]),  # one pixel has one corner
        (["###"], [[[0, 0], [2, 0]]]),  # a line has two
        (["##", "##"], [[[0, 0], [0, 1], [1, 1], [1, 0]]]),  # the whole image
        (["#.#"], [[[2, 0]], [[0, 0]]]),  # two parts, at both borders
        (["###", "#.#", "###"], [[[0, 0], [0, 2], [2, 2], [2, 0]]]),  # the hole is lost
        (["#..", ".#.", "..#"], [[[0, 0], [2, 2]]]),  # corners connect
    ],
)
def test_polygons(rows: list[str], polygons: list[list[list[int]]]) -> None:
    assert [polygon.tolist() for polygon in mask_to_polygons(mask(*rows))] == polygons


@properties
@given(bitmaps())
def test_polygons_are_those_of_the_whole_bitmap(pixels: NDArray[np.bool_]) -> None:
    contours, _ = cv2.findContours(
        pixels.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    expected = [contour.reshape(-1, 2).tolist() for contour in contours] or [[]]
    assert [polygon.tolist() for polygon in mask_to_polygons(mask_from_bitmap(pixels))] == expected


@properties
@given(bitmaps())
def test_filled_polygons_cover_the_mask_and_at_most_its_holes(pixels: NDArray[np.bool_]) -> None:
    polygons = mask_to_polygons(mask_from_bitmap(pixels))
    assert all(polygon.dtype == np.int32 and polygon.shape[1:] == (2,) for polygon in polygons)
    filled = np.zeros(pixels.shape, dtype=np.uint8)
    for polygon in polygons:
        if len(polygon):
            cv2.fillPoly(filled, [polygon], 1)
    # What cannot be reached from outside is inside: the mask and its holes.
    outside = np.pad((~pixels).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(outside, None, (0, 0), 2, flags=4)
    assert np.array_equal(filled == 1, outside[1:-1, 1:-1] != 2)
