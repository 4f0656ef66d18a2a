"""Unseen scenes with what was found in them, side by side: a score that can be looked at."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.formats.picture import COLOURS, RenderStyle, draw_result
from sam3_playground.pipeline.answer import answer
from scenes.scenes import EVAL_SEED, Scene, draw_scene
from training.evaluation import SCENE_SIZE
from training.examples import indices_of

SCENES = 12
COLUMNS = 4
WORDS_PER_SCENE = 3
TILE = 400
CAPTION = 34
GAP = 10
PAPER, INK = "#ffffff", "#1c1c22"
STYLE = RenderStyle(labels=False, opacity=0.5)


def draw_contact_sheet(segmenter: Segmenter) -> NDArray[np.uint8]:
    """The first scenes of EVAL_SEED with the instances of their commonest names, all drawn.

    Nothing is chosen by its result. Below each scene stands, for each name, how many were
    found and how many there are.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    step_x, step_y = TILE + GAP, TILE + CAPTION + GAP
    sheet = Image.new("RGB", (GAP + COLUMNS * step_x, GAP + SCENES // COLUMNS * step_y), PAPER)
    for index in range(SCENES):
        scene = draw_scene(np.random.default_rng([EVAL_SEED, index]), SCENE_SIZE)
        row, column = divmod(index, COLUMNS)
        sheet.paste(_tile(segmenter, scene), (GAP + column * step_x, GAP + row * step_y))
    return np.asarray(sheet)


def _tile(segmenter: Segmenter, scene: Scene) -> Image.Image:
    image = RgbImage(scene.image)
    words = names_in(scene)
    kept = answer(segmenter, image, ConceptRequest(tuple(map(ConceptPrompt, words))))
    tile = Image.new("RGB", (TILE, TILE + CAPTION), PAPER)
    drawn = Image.fromarray(draw_result(image, kept, style=STYLE))
    tile.paste(drawn.resize((TILE, TILE), Image.Resampling.LANCZOS))
    pen, x = ImageDraw.Draw(tile), 2
    font = ImageFont.load_default(size=15)
    for word, result, colour in zip(words, kept.prompt_results, COLOURS, strict=False):
        text = f"{word} {len(result.instances)}/{len(indices_of(scene, word))}"
        pen.rectangle((x, TILE + 11, x + 11, TILE + 22), fill=colour)
        pen.text((x + 16, TILE + 8), text, fill=INK, font=font)
        x += 28 + round(pen.textlength(text, font=font))
    return tile


def names_in(scene: Scene) -> list[str]:
    """The commonest names in the scene, colours included, as a user would type them."""
    names = [f"{obj.colour} {obj.kind}" if obj.colour else obj.kind for obj in scene.objects]
    return [name for name, _ in Counter(names).most_common(WORDS_PER_SCENE)]
