"""Masks hold the crop around their pixels and nothing else."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sam3_playground.core.masks import (
    Mask,
    mask_from_bitmap,
    mask_from_crop,
    mask_from_logits,
    mask_union,
)
from sam3_playground.errors import InvalidInputError
from tests.core.drawing import bitmap, bitmaps, properties


@properties
@given(bitmaps())
def test_a_bitmap_survives_and_its_crop_is_tight(pixels: NDArray[np.bool_]) -> None:
    mask = mask_from_bitmap(pixels)
    assert np.array_equal(mask.to_bitmap(), pixels)
    assert mask.area == pixels.sum()
    assert mask.is_empty == (mask.area == 0)
    assert mask.image_size == pixels.shape
    x0, y0, x1, y1 = mask.box_xyxy
    assert mask.bits.shape == (y1 - y0, x1 - x0)


@pytest.mark.parametrize(
    ("rows", "box", "area"),
    [
        (["...", "..."], (0, 0, 0, 0), 0),  # empty
        (["...", ".#."], (1, 1, 2, 2), 1),  # one pixel is a box of area 1
        (["#..", "..."], (0, 0, 1, 1), 1),  # one pixel in a corner
        (["###", "###"], (0, 0, 3, 2), 6),  # the whole image
        (["#..", "..#"], (0, 0, 3, 2), 2),  # far apart
        (["#"], (0, 0, 1, 1), 1),  # an image of one pixel
    ],
)
def test_boxes_are_pixel_edges(rows: list[str], box: tuple[float, ...], area: int) -> None:
    mask = mask_from_bitmap(bitmap(*rows))
    assert (mask.box_xyxy, mask.area) == (box, area)


def test_an_empty_mask_has_one_form() -> None:
    empty = mask_from_crop(np.zeros((2, 2), dtype=bool), (1, 3), (5, 6))
    assert (empty.offset, empty.bits.shape, empty.image_size) == ((0, 0), (0, 0), (5, 6))
    assert not empty.to_bitmap().any()


def test_integers_are_true_where_they_are_not_zero() -> None:
    mask = mask_from_bitmap(np.array([[0, 255], [-1, 0]]))
    assert mask.to_bitmap().tolist() == [[False, True], [True, False]]


def test_a_mask_keeps_none_of_the_bitmap_that_it_came_from() -> None:
    pixels = bitmap("..", "##", "..")
    mask = mask_from_bitmap(pixels)
    assert mask.bits.base is None
    pixels[:] = False
    assert mask.area == 2


@pytest.mark.parametrize(
    ("pixels", "got"),
    [
        (np.zeros((2, 3, 1), dtype=bool), r"\(2, 3, 1\)"),
        (np.zeros(4, dtype=bool), r"\(4,\)"),
        (np.zeros((0, 4), dtype=bool), r"\(0, 4\)"),
        (np.zeros((2, 3)), "float64"),
    ],
)
def test_what_is_no_bitmap_is_refused(pixels: NDArray[np.bool_], got: str) -> None:
    with pytest.raises(InvalidInputError, match=f"expected a bitmap.*got.*{got}"):
        mask_from_bitmap(pixels)


@pytest.mark.parametrize(
    ("bits", "offset", "message"),
    [
        (bitmap("#."), (0, 0), "false edge"),  # not trimmed
        (bitmap("#"), (0, 4), "inside the image"),  # right of it
        (bitmap("#"), (-1, 0), "inside the image"),  # above it
        (np.zeros((0, 3), dtype=bool), (0, 0), "false edge"),
        (np.zeros((0, 0), dtype=bool), (1, 1), "false edge"),  # two forms of empty
        (np.ones((1, 1)), (0, 0), "dtype bool, got.*float64"),
        (np.ones(3, dtype=bool), (0, 0), r"got \(3,\)"),
    ],
)
def test_a_crop_that_breaks_the_rules_is_refused(
    bits: NDArray[np.bool_], offset: tuple[int, int], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Mask((4, 4), offset, bits)


def test_a_crop_of_floats_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"dtype bool, got.*float32"):
        mask_from_crop(np.ones((1, 1), dtype=np.float32), (0, 0), (4, 4))


def test_logits_at_the_images_size_are_cut_at_zero() -> None:
    logits = np.array([[-1, 0, 1], [2, -3, 0.1]], dtype=np.float32)
    assert mask_from_logits(logits, (2, 3)).to_bitmap().tolist() == (logits > 0).tolist()


def test_logits_between_two_values_are_their_mean() -> None:
    # Four pixels over two logits lie at -0.25, 0.25, 0.75 and 1.25: -1, -0.25, 1.25 and 2.
    logits = np.array([[-1, 2]], dtype=np.float32)
    assert mask_from_logits(logits, (1, 4)).to_bitmap().tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("value", [0.0, -1.0, -np.inf])
def test_logits_that_are_never_positive_give_an_empty_mask(value: float) -> None:
    assert mask_from_logits(np.full((4, 4), value, dtype=np.float32), (9, 9)).is_empty


def test_infinite_logits_are_very_large_ones() -> None:
    logits = np.array([[np.inf, -np.inf], [-np.inf, -np.inf]], dtype=np.float32)
    large = np.nan_to_num(logits, posinf=1e30, neginf=-1e30)
    assert not mask_from_logits(logits, (6, 6)).is_empty
    assert np.array_equal(
        mask_from_logits(logits, (6, 6)).to_bitmap(), mask_from_logits(large, (6, 6)).to_bitmap()
    )


@pytest.mark.parametrize(
    ("logits", "image_size", "message"),
    [
        (np.zeros((1, 4, 4)), (8, 8), r"expected mask logits of shape .*got \(1, 4, 4\)"),
        (np.zeros(4), (8, 8), r"expected mask logits of shape .*got \(4,\)"),
        (np.zeros((0, 4)), (8, 8), r"expected mask logits of shape .*got \(0, 4\)"),
        (np.zeros((4, 4)), (0, 8), r"expected an image .*got \(0, 8\)"),
        (np.zeros((4, 4)), (8, 8, 3), r"expected an image .*got \(8, 8, 3\)"),
        (np.array([[1, np.nan]]), (8, 8), "got NaN"),
        (np.array([[-1, np.nan]]), (8, 8), "got NaN"),  # also where nothing is positive
    ],
)
def test_what_are_no_logits_is_refused(
    logits: NDArray[np.float32], image_size: tuple[int, int], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        mask_from_logits(logits.astype(np.float32), image_size)


def test_memory_grows_with_the_object_and_not_with_the_image() -> None:
    logits = np.full((288, 288), -1, dtype=np.float32)
    logits[100:104, 100:104] = 1
    tracemalloc.start()
    mask = mask_from_logits(logits, (30_000, 40_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mask.area > 100_000
    assert peak < 10 * mask.bits.size


@properties
@given(st.lists(bitmaps(image_size=(9, 7)), min_size=1, max_size=4))
def test_a_union_holds_the_pixels_of_any(drawn: list[NDArray[np.bool_]]) -> None:
    masks = [mask_from_bitmap(one) for one in drawn]
    union = mask_union(masks)
    assert np.array_equal(union.to_bitmap(), np.any(drawn, axis=0))
    assert union.image_size == (9, 7)
    # It writes into none of them.
    assert all(np.array_equal(one.to_bitmap(), was) for one, was in zip(masks, drawn, strict=True))


def test_a_union_of_empty_masks_is_empty_and_one_of_other_images_is_none() -> None:
    empty = mask_from_bitmap(bitmap("..", ".."))
    assert mask_union([empty, empty]).is_empty
    dot = mask_from_bitmap(bitmap("..", ".#"))
    assert mask_union([empty, dot, empty]).box_xyxy == (1, 1, 2, 2)
    with pytest.raises(InvalidInputError, match="masks over one image, got 2 sizes"):
        mask_union([dot, mask_from_bitmap(bitmap("..."))])
    with pytest.raises(InvalidInputError, match="masks over one image, got 0 sizes"):
        mask_union([])
