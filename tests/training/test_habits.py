"""Masks' offsets have a sign, and scenes by another hand say the truth about their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageColor

from sam3_playground.core.masks import mask_from_bitmap
from training.habits import PHOTOGRAPHED, PHOTOGRAPHS, as_written, offset_of
from training.other_scenes import _COLOURS, draw_other_scene


@pytest.mark.parametrize(("down", "right"), [(0, 3), (2, 0), (-1, -2)])
def test_an_offset_is_positive_below_and_right(down: int, right: int) -> None:
    true = np.zeros((20, 20), bool)
    true[5:11, 6:12] = True
    found = np.roll(true, (down, right), (0, 1))
    assert offset_of(mask_from_bitmap(found), mask_from_bitmap(true)) == (down, right)


def test_other_scenes_are_true_to_their_pixels() -> None:
    seen = set()
    for number in range(24):
        scene = draw_other_scene(np.random.default_rng(number))
        again = draw_other_scene(np.random.default_rng(number))
        np.testing.assert_array_equal(scene.image, again.image)
        assert scene.label_map.max() == len(scene.objects)
        for place, obj in enumerate(scene.objects, start=1):
            inside = scene.label_map == place
            colour = ImageColor.getrgb(_COLOURS[obj.colour or ""])
            middle = np.median(scene.image[inside], axis=0)
            assert np.abs(middle - colour).max() <= 2, (number, obj)
            x0, y0, x1, y1 = (round(edge) for edge in obj.box_xyxy)
            assert inside[y0:y1, x0:x1].sum() == inside.sum()
            seen.add(obj.kind)
    assert len(seen) == 9


def test_written_phrases_keep_their_words() -> None:
    rng = np.random.default_rng(0)
    forms = {as_written("red circle", rng) for _ in range(40)}
    assert forms == {"the red circle", "red circle.", "RED CIRCLE", "The red circle."}


def test_the_photographs_are_there() -> None:
    assert all((PHOTOGRAPHED / f"{name}.jpg").is_file() for name in PHOTOGRAPHS)
