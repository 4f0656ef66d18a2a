"""Holes, specks and corners, judged by SciPy and OpenCV."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from sam3_playground.core.cleanup import (
    MAX_CLEANUP_PIXELS,
    MaskCleanup,
    clean,
    drop_small_parts,
    fill_holes,
    simplify,
)
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.polygons import mask_to_polygons
from sam3_playground.errors import InvalidInputError
from tests.core.drawing import bitmap, bitmaps, mask, properties

SIDES = ndimage.generate_binary_structure(2, 1)
CORNERS = ndimage.generate_binary_structure(2, 2)


def disc(radius: int, *, hole: int = 0, side: int = 120) -> Mask:
    pixels = np.zeros((side, side), np.uint8)
    cv2.circle(pixels, (side // 2, side // 2), radius, 1, -1)
    if hole:
        cv2.circle(pixels, (side // 2, side // 2), hole, 0, -1)
    return mask_from_bitmap(pixels.astype(bool))


@pytest.mark.parametrize(
    ("before", "most", "after"),
    [
        (["###", "#.#", "###"], 1, ["###", "###", "###"]),
        (["####", "#..#", "####"], 1, ["####", "#..#", "####"]),  # larger than that
        (["####", "#..#", "####"], 2, ["####", "####", "####"]),
        (["#.#", "#.#", "###"], 9, ["#.#", "#.#", "###"]),  # open at the image's edge
        ([".#.", "#.#", ".#."], 1, [".#.", "###", ".#."]),  # closed by corners
        (["#####", "#...#", "#.#.#", "#...#", "#####"], 8, ["#####"] * 5),  # around an island
        (["..", ".."], 9, ["..", ".."]),  # empty
    ],
)
def test_holes_up_to_a_size_are_filled(before: list[str], most: int, after: list[str]) -> None:
    assert np.array_equal(fill_holes(mask(*before), most).to_bitmap(), bitmap(*after))


@pytest.mark.parametrize(
    ("before", "least", "after"),
    [
        (["#..", "..#", ".##"], 2, ["...", "..#", ".##"]),
        (["#..", ".#.", "..#"], 3, ["#..", ".#.", "..#"]),  # corners connect
        (["##.", "...", "..#"], 3, ["...", "...", "..."]),  # nothing is left
        (["##.", "...", "..#"], 1, ["##.", "...", "..#"]),
        (["#####", "#...#", "#.#.#", "#...#", "#####"], 2, ["#####", *["#...#"] * 3, "#####"]),
    ],
)
def test_parts_below_a_size_are_dropped(before: list[str], least: int, after: list[str]) -> None:
    assert np.array_equal(drop_small_parts(mask(*before), least).to_bitmap(), bitmap(*after))


@properties
@given(bitmaps(), st.integers(1, 20))
def test_holes_are_those_that_scipy_finds(pixels: NDArray[np.bool_], most: int) -> None:
    holes = ndimage.binary_fill_holes(pixels, SIDES) & ~pixels
    labels, count = ndimage.label(holes, SIDES)
    expected = pixels.copy()
    for label in range(1, count + 1):
        if (labels == label).sum() <= most:
            expected |= labels == label
    assert np.array_equal(fill_holes(mask_from_bitmap(pixels), most).to_bitmap(), expected)


@properties
@given(bitmaps(), st.integers(1, 20))
def test_parts_are_those_that_scipy_finds(pixels: NDArray[np.bool_], least: int) -> None:
    labels, count = ndimage.label(pixels, CORNERS)
    expected = np.zeros_like(pixels)
    for label in range(1, count + 1):
        if (labels == label).sum() >= least:
            expected |= labels == label
    assert np.array_equal(drop_small_parts(mask_from_bitmap(pixels), least).to_bitmap(), expected)


def test_holes_are_filled_before_parts_are_measured() -> None:
    ring = mask("####", "#..#", "####")
    shape = clean(ring, MaskCleanup(fill_holes=2, min_area=12))
    assert shape is not None
    assert shape.mask.area == 12
    assert clean(ring, MaskCleanup(min_area=11)) is None


def test_without_a_wish_the_mask_is_the_very_same() -> None:
    ring = mask("###", "#.#", "###")
    shape = clean(ring, MaskCleanup())
    assert shape is not None
    assert shape.mask is ring
    assert MaskCleanup().does_nothing


def test_an_empty_mask_stays_one_unless_an_area_is_wanted() -> None:
    shape = clean(mask(".."), MaskCleanup(fill_holes=9, simplify=2.0))
    assert shape is not None
    assert shape.mask.is_empty
    assert clean(mask(".."), MaskCleanup(min_area=1)) is None


@pytest.mark.parametrize("tolerance", [1.0, 3.0, 8.0])
def test_simple_outlines_stay_near_and_need_fewer_corners(tolerance: float) -> None:
    before = disc(50)
    after = simplify(before, tolerance)
    (outline,) = after.polygons or ()
    assert 3 <= len(outline) < len(mask_to_polygons(before)[0]) / 2
    moved = before.to_bitmap() ^ after.mask.to_bitmap()
    assert moved.any()
    edge = ndimage.binary_dilation(before.to_bitmap()) ^ ndimage.binary_erosion(before.to_bitmap())
    far = ndimage.distance_transform_edt(~edge)
    assert far[moved].max() <= tolerance + 1


def test_a_hole_stays_in_a_simplified_mask() -> None:
    before = disc(50, hole=20)
    after = simplify(before, 2.0)
    assert not after.mask.to_bitmap()[60, 60]
    assert after.mask.area == pytest.approx(before.area, rel=0.08)
    assert len(after.polygons or ()) == 1  # polygons lose it, as ever


@properties
@given(bitmaps(), st.floats(0.5, 1e9))
def test_simple_outlines_never_lose_a_part_nor_go_below_three_corners(
    pixels: NDArray[np.bool_], tolerance: float
) -> None:
    before = mask_from_bitmap(pixels)
    if before.is_empty:
        return
    after = simplify(before, tolerance)
    polygons = after.polygons or ()
    traced = mask_to_polygons(before)
    assert len(polygons) == len(traced)
    assert all(len(polygon) >= 1 for polygon in polygons)
    assert sum(len(one) < 3 for one in polygons) == sum(len(one) < 3 for one in traced)
    drawn = np.zeros(pixels.shape, np.uint8)
    for polygon in polygons:
        cv2.fillPoly(drawn, [polygon], 1)
    # What the mask has less than its outlines are holes.
    assert not (after.mask.to_bitmap() & (drawn == 0)).any()
    holes = ndimage.binary_fill_holes(pixels, SIDES) & ~pixels
    if not holes.any():
        assert np.array_equal(after.mask.to_bitmap(), drawn == 1)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"fill_holes": -1}, "fill_holes in whole pixels from 0"),
        ({"min_area": 1.5}, "min_area in whole pixels from 0"),
        ({"min_area": True}, "min_area in whole pixels from 0"),
        ({"simplify": float("nan")}, "simplify in pixels from 0"),
        ({"simplify": "2"}, "simplify in pixels from 0"),
        ({"fill_holes": MAX_CLEANUP_PIXELS + 1}, f"to {MAX_CLEANUP_PIXELS}"),
        ({"simplify": float("inf")}, "got inf"),
    ],
)
def test_what_is_no_number_of_pixels_is_refused(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        MaskCleanup(**wish)
