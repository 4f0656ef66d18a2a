"""What negative boxes take out, to be looked at: each case without the box and with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.formats.picture import RenderStyle, draw_result
from sam3_playground.pipeline.answer import answer
from scenes.scenes import Scene
from training.contact_sheet import CAPTION, GAP, INK, PAPER
from training.evaluation import prompt_of, true_masks
from training.exclusions import PROMPTS, Case, cases_of, is_found, without

CASES = 12
COLUMNS = 3
SIDE = 270
# A scene that has no case of the sort that is next gives none; so many are looked through.
MOST_SCENES = 60
POSITIVE, NEGATIVE = "#0a8f3c", "#d1122b"
# What is found in its own colours, all else dark: a mask of any colour is lost on some shape.
STYLE = RenderStyle(labels=False, masks=False, view="dark_background")


def draw_exclusion_sheet(segmenter: Segmenter) -> NDArray[np.uint8]:
    """Twelve cases of the scenes that `evaluate_exclusions` counts on, in their order.

    By words, by an exemplar and by both in turn, of each scene at most one. Nothing is chosen by
    what the negative box does; only what is found without it is a case. What is missing of
    twelve stays blank.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    width, height = 2 * SIDE + 4, SIDE + CAPTION
    rows = CASES // COLUMNS
    size = (GAP + COLUMNS * (width + GAP), GAP + rows * (height + GAP))
    sheet = Image.new("RGB", size, PAPER)
    drawn = 0
    for index in range(MOST_SCENES):
        scene, cases = cases_of(segmenter, index)
        case = next((one for one in cases if one.prompt == PROMPTS[drawn % len(PROMPTS)]), None)
        if case is None:
            continue
        row, column = divmod(drawn, COLUMNS)
        place = (GAP + column * (width + GAP), GAP + row * (height + GAP))
        sheet.paste(_tile(segmenter, scene, case, (width, height)), place)
        drawn += 1
        if drawn == CASES:
            break
    return np.asarray(sheet)


def caption(scene: Scene, case: Case) -> str:
    """What was asked, whether the look-alike went, and how many right ones of how many stayed."""
    truth = true_masks(scene)
    right = [truth[place] for place in case.query.targets if is_found(truth[place], case.before)]
    kept = sum(is_found(mask, case.after) for mask in right)
    asked = case.query.phrase or "example box"
    if case.query.phrase and case.query.positive:
        asked += " and box"
    gone = "still there" if is_found(truth[case.against], case.after) else "gone"
    return f"{asked}: {gone}, {kept}/{len(right)} kept"


def _tile(segmenter: Segmenter, scene: Scene, case: Case, size: tuple[int, int]) -> Image.Image:
    plain = prompt_of(scene, case.query)
    excluding = without(plain, scene.objects[case.against].box_xyxy)
    tile = Image.new("RGB", size, PAPER)
    for place, prompt in enumerate((plain, excluding)):
        tile.paste(_picture(segmenter, scene, prompt), (place * (SIDE + 4), 0))
    pen, font = ImageDraw.Draw(tile), ImageFont.load_default(size=15)
    pen.text((2, SIDE + 6), caption(scene, case), fill=INK, font=font)
    return tile


def _picture(segmenter: Segmenter, scene: Scene, prompt: ConceptPrompt) -> Image.Image:
    image = RgbImage(scene.image)
    kept = answer(segmenter, image, ConceptRequest((prompt,)))
    drawn = Image.fromarray(draw_result(image, kept, style=STYLE))
    pen = ImageDraw.Draw(drawn)
    for exemplar in prompt.exemplars:
        colour = POSITIVE if exemplar.positive else NEGATIVE
        pen.rectangle(exemplar.box_xyxy, outline=colour, width=5)
    return drawn.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
