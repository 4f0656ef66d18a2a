"""Results are drawn where they are, in their colours, and nowhere else."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import supervision as sv
from matplotlib import get_data_path
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask, mask_from_bitmap
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.results import Instance, PromptResult, Result
from sam3_playground.formats.picture import (
    COLOURS,
    RenderStyle,
    draw_overlay,
    draw_result,
    labelled_detections,
)

SCRIPTS = ["🐱", "🐱 cat", "قطة سوداء", "חתול", "猫 🐱", "x̂"]
PLAIN = RenderStyle(outlines=False, labels=False, opacity=1.0)


def square(size: tuple[int, int], y: int, x: int, side: int) -> Mask:
    bits = np.ones((side, side), dtype=bool)
    return Mask(size, (y, x), bits)


def found(size: tuple[int, int], *concepts: list[Mask]) -> Result:
    return Result(
        size,
        tuple(
            PromptResult(
                ConceptPrompt(f"thing {row}"),
                tuple(
                    Instance(f"thing {row}", 0.9, mask, id=f"{row}:{rank}", rank=rank)
                    for rank, mask in enumerate(masks)
                ),
                id=str(row),
            )
            for row, masks in enumerate(concepts)
        ),
    )


def labelled(segmentation: Result, label: str) -> Result:
    results = segmentation.prompt_results
    renamed = (
        replace(it, instances=tuple(replace(one, label=label) for one in it.instances))
        for it in results
    )
    return replace(segmentation, prompt_results=tuple(renamed))


def with_label(label: str) -> NDArray[np.uint8]:
    """The picture of one instance's label alone."""
    image = RgbImage(np.zeros((400, 600, 3), np.uint8))
    style = RenderStyle(masks=False, outlines=False, label_scale=3.0)
    one = found((400, 600), [square((400, 600), 200, 40, 100)])
    return draw_result(image, labelled(one, label), style=style)


@pytest.mark.parametrize("label", SCRIPTS)
def test_no_letter_of_a_label_is_a_question_mark(label: str) -> None:
    asked = "".join("?" if char.isalnum() or ord(char) > 127 else char for char in label)
    assert not np.array_equal(with_label(label), with_label(asked))


def test_arabic_labels_are_joined_and_read_from_the_right() -> None:
    """As HarfBuzz draws them, which knows the script."""
    if not features.check("raqm"):
        pytest.skip("Pillow has no HarfBuzz here")
    text = "قطة سوداء"
    font = ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf", 23)
    expected = Image.new("L", (110, 24))
    ImageDraw.Draw(expected).text((4, 18), text, 255, font, anchor="ls", direction="rtl")

    def likeness(picture: NDArray[np.uint8]) -> float:
        white = picture.min(axis=2)
        return float(cv2.matchTemplate(white, np.asarray(expected), cv2.TM_CCOEFF_NORMED).max())

    assert likeness(with_label(text)) > 0.8
    assert likeness(with_label(text[::-1])) < 0.6


@pytest.mark.parametrize("label", ["red cat", "what?", "猫が", "고양이", "кот", "mèo"])
def test_what_opencv_draws_well_is_drawn_as_supervision_does(label: str) -> None:
    one = labelled(found((400, 600), [square((400, 600), 200, 40, 100)]), label)
    style = RenderStyle(masks=False, outlines=False)
    detections, labels = labelled_detections(one, style)
    annotator = sv.LabelAnnotator(
        sv.ColorPalette.from_hex(list(COLOURS)),
        text_scale=0.35,
        text_padding=2,
        smart_position=True,
    )
    expected = annotator.annotate(
        np.zeros((400, 600, 3), np.uint8), detections, [f"{label} 0.90" for _ in labels]
    )
    image = RgbImage(np.zeros((400, 600, 3), np.uint8))
    drawn = draw_result(image, one, style=style)
    np.testing.assert_array_equal(drawn, expected[..., ::-1])
    assert drawn.any()


def rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def test_masks_take_their_concepts_colour_and_leave_the_rest_alone() -> None:
    image = RgbImage(np.full((40, 60, 3), 90, np.uint8))
    result = draw_result(
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
    result = draw_result(image, found((40, 60), masks), style=style)
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
    result = draw_result(
        image, found((80, 120), [square((80, 120), 30, 40, 20)]), style=RenderStyle(**layers)
    )
    assert result.any()


def test_nothing_and_empty_masks_leave_the_image() -> None:
    image = RgbImage(np.full((8, 8, 3), 7, np.uint8))
    empty = mask_from_bitmap(np.zeros((8, 8), dtype=bool))
    for segmentation in (found((8, 8)), found((8, 8), []), found((8, 8), [empty])):
        np.testing.assert_array_equal(draw_result(image, segmentation), image.pixels)


def test_a_hundred_small_masks_on_a_large_image_need_no_full_size_masks() -> None:
    size = (3000, 4000)
    image = RgbImage(np.zeros((*size, 3), np.uint8))
    masks = [square(size, 30 * row, 30 * row, 20) for row in range(100)]
    tracemalloc.start()
    draw_result(image, found(size, masks), style=PLAIN)
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
        RenderStyle(label_scale=2.0),
    ],
    ids=["usual", "boxes", "no masks", "masks alone", "large letters"],
)
@pytest.mark.parametrize("label", [None, *SCRIPTS])
def test_the_overlay_gives_the_picture_over_any_image(
    style: RenderStyle, label: str | None
) -> None:
    rng = np.random.default_rng(0)
    image = RgbImage(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8))
    size = (90, 120)
    segmentation = found(
        size, [square(size, 20, 20, 40), square(size, 40, 40, 40)], [square(size, 10, 80, 20)]
    )
    if label is not None:
        segmentation = labelled(segmentation, label)
    overlay = draw_overlay(segmentation, style).astype(float)
    alpha = overlay[..., 3:] / 255
    laid = overlay[..., :3] * alpha + image.pixels * (1 - alpha)
    expected = draw_result(image, segmentation, style=style)
    assert np.abs(laid - expected).max() <= 2
    assert (overlay[..., 3] == 0).any()
