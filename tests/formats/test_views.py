"""Views change the background or the objects, and not one pixel of the other."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.picture import RenderStyle, draw_overlay, draw_result
from sam3_playground.formats.views import VIEWS, View, named_view

SIZE = (120, 160)
BACKGROUNDS: tuple[View, ...] = (
    "cutout",
    "dark_background",
    "grey_background",
    "blurred_background",
    "pixelated_background",
)
OBJECTS: tuple[View, ...] = ("blurred_objects", "pixelated_objects")


@pytest.fixture
def noise() -> RgbImage:
    return RgbImage(np.random.default_rng(7).integers(0, 256, (*SIZE, 3), dtype=np.uint8))


def found(*masks: Mask) -> Result:
    instances = tuple(
        Instance("thing", 0.9, mask, id=f"0:{rank}", rank=rank) for rank, mask in enumerate(masks)
    )
    return Result(SIZE, (PromptResult(ConceptPrompt("thing"), instances, id="0"),))


def blobs() -> tuple[list[Mask], NDArray[np.bool_]]:
    """Two overlapping masks with holes, and where any of them is."""
    rng = np.random.default_rng(3)
    masks = [Mask(SIZE, place, rng.random((50, 60)) > 0.3) for place in ((10, 20), (40, 60))]
    return masks, np.logical_or(masks[0].to_bitmap(), masks[1].to_bitmap())


def drawn(image: RgbImage, result: Result, view: View) -> NDArray[np.uint8]:
    style = RenderStyle(outlines=False, labels=False, view=view)
    return draw_result(image, result, style=style)


def test_every_view_has_words() -> None:
    assert get_args(View) == tuple(VIEWS) == ("overlay", *BACKGROUNDS, *OBJECTS)


@pytest.mark.parametrize("view", BACKGROUNDS)
def test_a_background_changes_and_objects_do_not(noise: RgbImage, view: View) -> None:
    masks, inside = blobs()
    picture = drawn(noise, found(*masks), view)
    assert np.array_equal(picture[inside], noise.pixels[inside])
    changed = (picture != noise.pixels).any(axis=2)
    assert changed[~inside].mean() > 0.95


@pytest.mark.parametrize("view", OBJECTS)
def test_objects_change_and_the_background_does_not(noise: RgbImage, view: View) -> None:
    masks, inside = blobs()
    picture = drawn(noise, found(*masks), view)
    assert np.array_equal(picture[~inside], noise.pixels[~inside])
    assert (picture != noise.pixels).any(axis=2)[inside].mean() > 0.95


def test_what_is_blurred_has_lost_its_details(noise: RgbImage) -> None:
    """Of noise with a deviation of 74 hardly any is left."""
    masks, inside = blobs()
    for view in OBJECTS:
        assert drawn(noise, found(*masks), view)[inside].std() < 35
    assert drawn(noise, found(*masks), "blurred_background")[~inside].std() < 35


def test_backgrounds_are_what_they_are_called(noise: RgbImage) -> None:
    masks, inside = blobs()
    outside = ~inside
    assert (drawn(noise, found(*masks), "cutout")[outside] == 255).all()
    grey = drawn(noise, found(*masks), "grey_background")[outside]
    assert (grey == grey[:, :1]).all()
    dark = drawn(noise, found(*masks), "dark_background")[outside].astype(float)
    assert dark.mean() < 0.4 * noise.pixels[outside].mean()


@pytest.mark.parametrize("view", list(VIEWS))
def test_an_image_in_which_nothing_is_found_stays(noise: RgbImage, view: View) -> None:
    empty = Mask(SIZE, (0, 0), np.zeros((0, 0), dtype=bool))
    assert np.array_equal(drawn(noise, found(), view), noise.pixels)
    assert np.array_equal(drawn(noise, found(empty), view), noise.pixels)


def test_masks_are_filled_over_the_image_alone(noise: RgbImage) -> None:
    """In the others they would hide what is shown; lines and letters are as ever."""
    result = found(*blobs()[0])
    filled = draw_overlay(result, RenderStyle(outlines=False, labels=False))
    assert filled[..., 3].any()
    view = RenderStyle(outlines=False, labels=False, view="cutout")
    assert not draw_overlay(result, view)[..., 3].any()
    lines = draw_overlay(result, RenderStyle(masks=False, view="overlay"))
    assert np.array_equal(draw_overlay(result, RenderStyle(view="grey_background")), lines)


def test_another_name_is_refused_in_words() -> None:
    with pytest.raises(InvalidInputError, match=r"expected view overlay, .* got sepia"):
        named_view("sepia")
