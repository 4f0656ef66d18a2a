"""Masks' offsets have a sign, and scenes by another hand say the truth about their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageColor

from sam3_playground.core.masks import mask_from_bitmap
from scenes.look_alikes import confusing_cast
from scenes.sprites import picture
from scenes.vocabulary import KINDS, Kind
from training.habits import PHOTOGRAPHED, PHOTOGRAPHS, as_written, offset_of
from training.other_scenes import _COLOURS, _picture, draw_other_scene

SHAPES = {kind.name for kind in KINDS if kind.is_shape}


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
            if obj.colour is not None:
                colour = ImageColor.getrgb(_COLOURS[obj.colour])
                middle = np.median(scene.image[inside], axis=0)
                assert np.abs(middle - colour).max() <= 2, (number, obj)
            x0, y0, x1, y1 = (round(edge) for edge in obj.box_xyxy)
            assert inside[y0:y1, x0:x1].sum() == inside.sum()
            seen.add(obj.kind)
    assert len(seen & SHAPES) == 9
    assert len(seen - SHAPES) > 9


def test_other_scenes_show_who_was_cast() -> None:
    cast = confusing_cast(np.random.default_rng(3))
    scene = draw_other_scene(np.random.default_rng(4), cast)
    assert [(obj.kind, obj.colour) for obj in scene.objects] == [
        (kind.name, colour) for kind, colour, _ in cast
    ]


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.is_shape], ids=lambda k: k.name
)
def test_other_pictures_are_whole_and_none_of_the_projects(kind: Kind) -> None:
    """Each shows its kind by another hand: alike enough to be known, and never the same."""
    theirs, ours = _picture(kind.name), Image.fromarray(picture(kind.name))
    assert 90 <= max(theirs.size) <= 94
    assert np.asarray(theirs.getchannel("A")).mean() > 40
    small = [np.asarray(one.convert("RGBA").resize((16, 16)), float) for one in (theirs, ours)]
    assert np.abs(small[0] - small[1]).mean() > 8


def test_written_phrases_keep_their_words() -> None:
    rng = np.random.default_rng(0)
    forms = {as_written("red circle", rng) for _ in range(40)}
    assert forms == {"the red circle", "red circle.", "RED CIRCLE", "The red circle."}


def test_the_photographs_are_there() -> None:
    assert all((PHOTOGRAPHED / f"{name}.jpg").is_file() for name in PHOTOGRAPHS)
