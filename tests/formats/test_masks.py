"""Each way to write a mask, read back by a library that the project did not write."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco

from sam3_playground.core.masks import mask_from_bitmap
from sam3_playground.core.results import Instance
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.masks import WAYS, mask_way

SIZE = (40, 50)


def disc(*holes: int) -> NDArray[np.uint8]:
    bitmap = np.zeros(SIZE, np.uint8)
    cv2.circle(bitmap, (24, 20), 15, 1, -1)
    for x in holes:
        cv2.circle(bitmap, (x, 20), 3, 0, -1)
    return bitmap


def instance(bitmap: NDArray[np.uint8]) -> Instance:
    return Instance("disc", 0.9, mask_from_bitmap(bitmap))


SHAPES = {
    "disc": disc(),
    "ring": disc(24),
    "sieve": disc(18, 30),
    "nothing": np.zeros(SIZE, np.uint8),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rle_is_the_mask_to_the_pixel(shape: str) -> None:
    name, rle = mask_way("rle").write(instance(SHAPES[shape]))
    assert name == "rle"
    assert np.array_equal(coco.decode(rle), SHAPES[shape])


@pytest.mark.parametrize("shape", ["disc", "ring"])
def test_polygons_are_the_mask_without_its_holes(shape: str) -> None:
    name, polygons = mask_way("polygon").write(instance(SHAPES[shape]))
    assert name == "polygon"
    filled = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(filled, [np.array(polygon, np.int32) for polygon in polygons], 1)
    assert np.array_equal(filled, SHAPES["disc"])


@pytest.mark.parametrize(
    ("shape", "taken"), [("disc", "polygon"), ("ring", "rle"), ("sieve", "rle"), ("nothing", "rle")]
)
def test_auto_takes_polygons_only_where_they_give_the_mask_back(shape: str, taken: str) -> None:
    one = instance(SHAPES[shape])
    assert mask_way("auto").write(one) == mask_way(taken).write(one)


def test_every_way_is_described_and_others_are_refused_with_their_names() -> None:
    assert all(way.description for way in WAYS.values())
    with pytest.raises(InvalidInputError, match=r"expected format .*, got png") as refusal:
        mask_way("png")
    assert all(name in str(refusal.value) for name in WAYS)
