"""Results are drawn where they are, in their colours, and nowhere else."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Segmentation
from sam3_playground.render import COLOURS, RenderStyle, draw_overlay, draw_segmentation

PLAIN = RenderStyle(outlines=False, labels=False, opacity=1.0)


def square(size: tuple[int, int], y: int, x: int, side: int) -> Mask:
    bits = np.ones((side, side), dtype=bool)
    return Mask(size, (y, x), bits)


def found(size: tuple[int, int], *concepts: list[Mask]) -> Segmentation:
    return Segmentation(
        size,
        tuple(
            PromptResult(
                ConceptPrompt(f"thing {row}"),
                tuple(Instance(f"thing {row}", 0.9, mask) for mask in masks),
            )
            for row, masks in enumerate(concepts)
        ),
    )


def rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def test_masks_take_their_concepts_colour_and_leave_the_rest_alone() -> None:
    image = RgbImage(np.full((40, 60, 3), 90, np.uint8))
    result = draw_segmentation(
        image,
        found((40, 60), [square((40, 60), 5, 5, 10)], [square((40, 60), 20, 40, 10)]),
        style=PLAIN,
    )
    assert result[8, 8].tolist() == rgb(COLOURS[0])
    assert result[25, 45].tolist() == rgb(COLOURS[1])
    assert result[35, 5].tolist() == [90, 90, 90]
    assert image.pixels.max() == 90


def test_each_instance_can_have_a_colour_of_its_own() -> None:
    image = RgbImage(np.zeros((40, 60, 3), np.uint8))
    masks = [square((40, 60), 5, 5, 10), square((40, 60), 20, 40, 10)]
    style = RenderStyle(colour_by="instance", outlines=False, labels=False, opacity=1.0)
    result = draw_segmentation(image, found((40, 60), masks), style=style)
    assert result[8, 8].tolist() == rgb(COLOURS[0])
    assert result[25, 45].tolist() == rgb(COLOURS[1])


@pytest.mark.parametrize("layer", ["outlines", "boxes", "labels"])
def test_each_layer_draws_something(layer: str) -> None:
    image = RgbImage(np.zeros((80, 120, 3), np.uint8))
    layers: dict[str, Any] = {
        "masks": False,
        "outlines": False,
        "boxes": False,
        "labels": False,
        layer: True,
    }
    result = draw_segmentation(
        image, found((80, 120), [square((80, 120), 30, 40, 20)]), style=RenderStyle(**layers)
    )
    assert result.any()


def test_nothing_and_empty_masks_leave_the_image() -> None:
    image = RgbImage(np.full((8, 8, 3), 7, np.uint8))
    empty = mask_from_bitmap(np.zeros((8, 8), dtype=bool))
    for segmentation in (found((8, 8)), found((8, 8), []), found((8, 8), [empty])):
        np.testing.assert_array_equal(draw_segmentation(image, segmentation), image.pixels)


def test_a_hundred_small_masks_on_a_large_image_need_no_full_size_masks() -> None:
    size = (3000, 4000)
    image = RgbImage(np.zeros((*size, 3), np.uint8))
    masks = [square(size, 30 * row, 30 * row, 20) for row in range(100)]
    tracemalloc.start()
    draw_segmentation(image, found(size, masks), style=PLAIN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * image.pixels.nbytes  # a full-size mask each would be 33 images


@pytest.mark.parametrize(
    "style",
    [
        RenderStyle(),
        RenderStyle(boxes=True, opacity=0.8, colour_by="instance"),
        RenderStyle(masks=False),
        RenderStyle(outlines=False, labels=False),
    ],
    ids=["usual", "boxes", "no masks", "masks alone"],
)
def test_the_overlay_gives_the_picture_over_any_image(style: RenderStyle) -> None:
    rng = np.random.default_rng(0)
    image = RgbImage(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8))
    size = (90, 120)
    segmentation = found(
        size, [square(size, 20, 20, 40), square(size, 40, 40, 40)], [square(size, 10, 80, 20)]
    )
    overlay = draw_overlay(segmentation, style).astype(float)
    alpha = overlay[..., 3:] / 255
    laid = overlay[..., :3] * alpha + image.pixels * (1 - alpha)
    expected = draw_segmentation(image, segmentation, style=style)
    assert np.abs(laid - expected).max() <= 2
    assert (overlay[..., 3] == 0).any()
