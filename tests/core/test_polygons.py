from __future__ import annotations

import cv2
import numpy as np
import pytest
import supervision as sv
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.polygons import (
    LEAST_COCO_IOU,
    mask_to_polygons,
    polygons_hold,
    trace_parts,
)
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


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        (["#" * 30] * 30, True),
        (["#" * 30] * 14 + ["#" * 14 + ".." + "#" * 14] * 2 + ["#" * 30] * 14, False),  # a hole
        (["#" * 30] * 30 + ["." * 30, "#" + "." * 29], False),  # and one pixel apart
        (["#" * 30] * 30 + ["." * 30, "##" + "." * 28], False),  # a line of two corners
        (["####"] * 4, False),  # pycocotools would lose seven of sixteen pixels
        (["..", ".."], False),  # empty
    ],
)
def test_polygons_hold_what_readers_get_back(rows: list[str], holds: bool) -> None:
    drawn = mask(*rows)
    assert polygons_hold(drawn, mask_to_polygons(drawn)) is holds


@properties
@given(bitmaps(), st.integers(1, 16))
def test_libraries_read_the_mask_from_polygons_that_hold(
    pixels: NDArray[np.bool_], scale: int
) -> None:
    pixels = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    drawn = mask_from_bitmap(pixels)
    polygons = mask_to_polygons(drawn)
    height, width = pixels.shape
    read = np.zeros((height, width), bool)
    for polygon in polygons:
        if len(polygon):
            read |= sv.polygon_to_mask(polygon, (width, height)).astype(bool)
    exact = np.array_equal(read, pixels)
    if any(len(polygon) < 3 for polygon in polygons):
        assert not polygons_hold(drawn, polygons)
        return
    runs = coco.merge(coco.frPyObjects([it.ravel().tolist() for it in polygons], height, width))
    found = coco.decode(runs).astype(bool)
    iou = (found & pixels).sum() / (found | pixels).sum()
    assert polygons_hold(drawn, polygons) == (exact and iou >= LEAST_COCO_IOU)


def test_parts_know_their_holes_and_what_lies_in_one() -> None:
    nested = mask(
        "#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######", "......."
    )
    parts = trace_parts(nested)
    assert [(part.outermost, len(part.holes)) for part in parts] == [(True, 1), (False, 1)]
    assert trace_parts(mask("..")) == []
