"""What negative boxes take out, to be looked at: each case without the box and with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sam3_playground.core.masks import Mask
from sam3_playground.core.segmenter import Segmenter
from scenes.scenes import Scene
from training.contact_sheet import CAPTION, GAP, INK, PAPER
from training.exclusions import PROMPTS, Case, cases_of

CASES = 12
COLUMNS = 3
SIDE = 270
# A scene that has no case of the sort that is next gives none; so many are looked through.
MOST_SCENES = 60
POSITIVE, NEGATIVE = "#0a8f3c", "#d1122b"
# What is not found keeps so much of its colours, the rest is grey: a mask drawn over the scene
# would be lost on shapes of its colour, and a black or white shape on black or white.
FADED, GREY = 0.2, 128.0


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
        sheet.paste(_tile(scene, case, (width, height)), place)
        drawn += 1
        if drawn == CASES:
            break
    return np.asarray(sheet)


def caption(case: Case) -> str:
    """What was asked, whether the look-alike went, and how many right ones of how many stayed."""
    asked = case.query.phrase or "example box"
    if case.query.phrase and case.query.positive:
        asked += " and box"
    gone = "gone" if case.gone else "still there"
    return f"{asked}: {gone}, {case.kept}/{len(case.right)} kept"


def _tile(scene: Scene, case: Case, size: tuple[int, int]) -> Image.Image:
    tile = Image.new("RGB", size, PAPER)
    boxes = [(POSITIVE, index) for index in case.query.positive]
    tile.paste(_picture(scene, case.before, boxes))
    boxes.append((NEGATIVE, case.against))
    tile.paste(_picture(scene, case.after, boxes), (SIDE + 4, 0))
    pen, font = ImageDraw.Draw(tile), ImageFont.load_default(size=15)
    pen.text((2, SIDE + 6), caption(case), fill=INK, font=font)
    return tile


def _picture(scene: Scene, found: Sequence[Mask], boxes: Sequence[tuple[str, int]]) -> Image.Image:
    """What is found as it is, all else faded, and boxes of a colour around some objects."""
    kept = np.zeros(scene.label_map.shape, np.bool_)
    for mask in found:
        kept |= mask.to_bitmap()
    faded = FADED * scene.image + (1.0 - FADED) * GREY
    drawn = Image.fromarray(np.where(kept[..., None], scene.image, faded).astype(np.uint8))
    pen = ImageDraw.Draw(drawn)
    for colour, index in boxes:
        pen.rectangle(scene.objects[index].box_xyxy, outline=colour, width=5)
    return drawn.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
