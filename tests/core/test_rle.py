"""COCO's compressed run lengths: what pycocotools writes is written, and only that is read."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.rle import MAX_PIXELS, mask_to_rle, rle_to_mask
from sam3_playground.errors import InvalidFileError
from tests.core.drawing import bitmaps, box_mask, mask, properties

# Those of the format, and one more at each end.
CHARACTERS = [chr(code) for code in range(47, 113)]


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        (["..", ".."], "4"),  # empty: one false run
        (["##", "##"], "04"),  # full: no false pixel, then all
        ([".#", ".."], "211"),  # column by column
        ([".#", "##"], "13"),  # a run goes on in the next column
    ],
)
def test_counts(rows: list[str], counts: str) -> None:
    assert mask_to_rle(mask(*rows)) == {"size": [2, 2], "counts": counts}


@properties
@given(bitmaps())
def test_encoding_is_that_of_the_whole_bitmap_and_comes_back(pixels: NDArray[np.bool_]) -> None:
    rle = mask_to_rle(mask_from_bitmap(pixels))
    expected = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    assert rle == {"size": expected["size"], "counts": expected["counts"].decode()}
    assert np.array_equal(rle_to_mask(rle).to_bitmap(), pixels)


@properties
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12), st.sampled_from([1, 31, 32, 1000, 40_000])
)
def test_runs_of_any_length_come_back(lengths: list[int], unit: int) -> None:
    # Long runs take several characters; runs of length 0 inside are odd, but allowed.
    lengths = [length * unit for length in lengths]
    height = max(1, sum(lengths))
    lengths[-1] += height - sum(lengths)
    rle = coco.frPyObjects({"size": [height, 1], "counts": lengths}, height, 1)
    assert np.array_equal(rle_to_mask(rle).to_bitmap(), coco.decode(rle))


def test_bytes_are_read_like_text() -> None:
    assert rle_to_mask({"size": (2, 2), "counts": b"13"}).area == 3


@pytest.mark.parametrize(
    ("rle", "message"),
    [
        ({}, r"keys size and counts, got \[\]"),
        ({"size": [2, 2]}, r"keys size and counts, got \['size'\]"),
        ([[2, 2], "4"], "keys size and counts, got list"),
        ({"size": [4], "counts": "4"}, r"\[height, width\] in whole pixels, got \[4\]"),
        ({"size": 4, "counts": "4"}, "whole pixels, got 4"),
        ({"size": [-2, -2], "counts": "4"}, "whole pixels, got"),
        ({"size": [0, 0], "counts": ""}, "whole pixels, got"),
        ({"size": [2.0, 2.0], "counts": "4"}, "whole pixels, got"),
        ({"size": [True, True], "counts": "1"}, "whole pixels, got"),
        ({"size": [2**14 + 1, 2**14], "counts": "4"}, f"at most {MAX_PIXELS} pixels, got"),
        ({"size": [10**30, 10**30], "counts": "4"}, f"at most {MAX_PIXELS} pixels, got"),
        ({"size": [2, 2], "counts": [4]}, r"ASCII text, got \[4\]"),  # the uncompressed form
        ({"size": [2, 2], "counts": None}, "ASCII text, got None"),
        ({"size": [2, 2], "counts": "é"}, "ASCII text, got é"),
        ({"size": [2, 2], "counts": ""}, "add up to 2 x 2, got 0"),
        ({"size": [2, 2], "counts": "3"}, "add up to 2 x 2, got 3"),  # too few
        ({"size": [2, 2], "counts": "14"}, "add up to 2 x 2, got 5"),  # too many
        ({"size": [2, 2], "counts": "4 "}, "from 0 to o, got others"),  # a foreign character
        ({"size": [2, 2], "counts": "4T"}, "from 0 to o, got others"),  # cut off inside a run
        ({"size": [2, 2], "counts": "5O"}, "0 to .* pixels, got -1"),  # a negative run
        ({"size": [2, 2], "counts": "oooooo?"}, "at most 6 characters each, got 7"),
        ({"size": [2, 2], "counts": "ooooo?"}, f"0 to {MAX_PIXELS} pixels, got {2**29 - 1}"),
        ({"size": [2, 2], "counts": "ooooo?" * 40}, f"0 to {MAX_PIXELS} pixels, got"),
    ],
)
def test_what_is_no_encoding_is_refused(rle: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidFileError, match=message):
        rle_to_mask(rle)


@properties
@given(bitmaps(image_size=(6, 5)), st.integers(0, 5), st.text(alphabet=CHARACTERS, max_size=2))
def test_broken_text_is_refused_or_read_as_pycocotools_does(
    pixels: NDArray[np.bool_], place: int, typo: str
) -> None:
    counts = mask_to_rle(mask_from_bitmap(pixels))["counts"]
    rle = {"size": [6, 5], "counts": counts[:place] + typo + counts[place + len(typo) :]}
    try:
        found = rle_to_mask(rle)
    except InvalidFileError:
        return
    assert np.array_equal(found.to_bitmap(), coco.decode(rle))


def test_memory_grows_with_the_object_and_not_with_the_image() -> None:
    small = box_mask(5000, 6000, 5050, 6040, image_size=(16_000, 16_000))
    tracemalloc.start()
    back = rle_to_mask(mask_to_rle(small))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (back.box_xyxy, back.area) == (small.box_xyxy, 2000)
    assert peak < 100_000
