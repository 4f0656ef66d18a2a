"""A candidate's mask lies where its logits do, be they of the whole image or of a part."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.core.candidates import Candidate

GRID, CELL = 24, 4  # of the network's grid, and how many of an image's pixels one is
SIZE = (GRID * CELL, 2 * GRID * CELL)  # height, width: cells are twice as wide


def disc(x: float, y: float, radius: float) -> NDArray[np.float32]:
    """Logits over the whole image of a disc, in cells."""
    rows, columns = np.mgrid[:GRID, :GRID]
    return np.asarray(radius - np.hypot(columns - x, rows - y), np.float32)


def part(logits: NDArray[np.float32], x: slice, y: slice) -> Candidate:
    """Of those logits the ones of some cells, and of the image the pixels under them."""
    region = (x.start * 2 * CELL, y.start * CELL, x.stop * 2 * CELL, y.stop * CELL)
    return Candidate(0.9, logits[y, x], SIZE, region=region)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (slice(0, GRID), slice(0, GRID)),
        (slice(3, 20), slice(5, 23)),
        (slice(2, 19), slice(6, 24)),
    ],
)
def test_a_part_that_holds_the_object_gives_the_mask_of_the_whole(x: slice, y: slice) -> None:
    logits = disc(10.3, 14.6, 4.7)
    whole, tile = Candidate(0.9, logits, SIZE).mask, part(logits, x, y).mask
    assert whole.area > 500
    assert tile.image_size == SIZE
    assert tile.offset == whole.offset
    np.testing.assert_array_equal(tile.bits, whole.bits)


def test_a_part_that_cuts_the_object_gives_the_mask_within_it() -> None:
    logits = disc(10.3, 14.6, 6.2)
    whole = Candidate(0.9, logits, SIZE).mask.to_bitmap()
    x, y = slice(8, 24), slice(12, 22)
    cut = part(logits, x, y).mask.to_bitmap()
    inside = np.zeros(SIZE, bool)
    inside[y.start * CELL : y.stop * CELL, x.start * 2 * CELL : x.stop * 2 * CELL] = True
    assert not cut[~inside].any()
    # Between the middle of the outermost cells and the part's edge nothing is known beyond it.
    near = np.zeros(SIZE, bool)
    near[y.start * CELL + 2 : y.stop * CELL - 2, x.start * 2 * CELL + 4 : -4] = True
    np.testing.assert_array_equal(cut[near], whole[near])
    assert whole[near].any()
    assert (whole & ~inside).any()


def test_a_part_with_nothing_in_it_is_an_empty_mask_of_the_image() -> None:
    mask = part(disc(2, 2, 1.5), slice(10, 20), slice(10, 20)).mask
    assert mask.is_empty
    assert mask.image_size == SIZE
    assert not mask.to_bitmap().any()


def test_a_mask_is_made_once_and_only_if_it_is_asked_for() -> None:
    candidate = part(disc(10, 10, 4), slice(3, 20), slice(3, 20))
    assert candidate.made_mask is None
    assert candidate.mask is candidate.mask
    assert candidate.made_mask is candidate.mask
