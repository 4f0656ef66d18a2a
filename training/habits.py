"""What users run into and an average over prompts does not show, counted one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

from sam3_playground.core.images import RgbImage
from sam3_playground.core.masks import Mask
from sam3_playground.core.nms import mask_iou
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.model.config import TINY
from scenes.queries import other_shape_words, present_words, shape_words
from scenes.scenes import HABIT_SEED, Scene, draw_scene
from scenes.vocabulary import COLOURS, KIND_OF
from training.batches import random_point
from training.evaluation import SCENE_SIZE, Counts, found_masks, mean, true_masks
from training.other_scenes import draw_other_scene

TWINS_IOU = 0.8
# Masks that are one object's as a whole: a missing piece is no offset.
OUTLINED_IOU = 0.8
PROMPTS_PER_SCENE = 3
CLICKED_PER_SCENE = 2
# Free photographs of the gallery, which show none of the things below.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "launch")
PHOTOGRAPHED = Path(__file__).parents[1] / "assets" / "examples"
NOT_THERE = (
    "dog", "car", "apple", "pizza", "bicycle", "guitar", "star", "ring", "red circle", "blue square"
)  # fmt: skip


def evaluate_habits(
    segmenter: Segmenter,
    *,
    scenes: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> dict[str, dict[str, float]]:
    """Shares and means on the first `scenes` scenes of HABIT_SEED, rounded to three places.

    Returns:
        For "own_scenes" and "other_scenes", drawn by other code: `words_f1`, `shapes_f1` and
        `written_f1`, by words, by names of shapes, and by phrases as people write them;
        `other_shape_answered`, the share of names of shapes that are not there, in a colour
        that is, which got an answer; `click_anywhere_iou`, the mean IoU after one click on any
        pixel of an object; `twins`, of all that was found, the share that overlaps another
        instance of its prompt by TWINS_IOU; `offset_x` and `offset_y`, how far masks lie right
        of and below the truth, in pixels of the network's masks. And for "photographs":
        `answered`, the share of words for what is not there that got an answer. NaN of nothing.
    """
    drawers = {
        "own_scenes": lambda rng: draw_scene(rng, SCENE_SIZE),
        "other_scenes": draw_other_scene,
    }
    return {
        **{
            name: _scored(segmenter, drawer, progress(range(scenes)))
            for name, drawer in drawers.items()
        },
        "photographs": {"answered": round(answered_photographs(segmenter), 3)},
    }


def as_written(phrase: str, rng: np.random.Generator) -> str:
    """The phrase with an article, a full stop or capitals."""
    forms = (f"the {phrase}", f"{phrase}.", phrase.upper(), f"The {phrase}.")
    return forms[int(rng.integers(len(forms)))]


def offset_of(found: Mask, true: Mask) -> tuple[float, float]:
    """How far the first mask's centre of mass is below and right of the second's, in pixels."""
    (y0, x0), (y1, x1) = (
        np.argwhere(mask.to_bitmap()).mean(axis=0).tolist() for mask in (found, true)
    )
    return y0 - y1, x0 - x1


def _scored(
    segmenter: Segmenter, drawer: Callable[[np.random.Generator], Scene], numbers: Iterable[int]
) -> dict[str, float]:
    counts: dict[str, Counts] = defaultdict(Counts)
    values: dict[str, list[float]] = defaultdict(list)
    for number in numbers:
        rng = np.random.default_rng([HABIT_SEED, number])
        scene = drawer(rng)
        truth, image = true_masks(scene), RgbImage(scene.image)
        if truth:
            _count_words(segmenter, scene, image, truth, rng, counts, values)
        for place in rng.permutation(len(truth))[:CLICKED_PER_SCENE].tolist():
            point = random_point(truth[place].to_bitmap(), rng)
            if point is not None:
                answer = segmenter.segment_visual(image, VisualPrompt((Click(*point),)))
                mask = answer.candidates.candidates[0].mask
                values["click_anywhere_iou"].append(mask_iou(mask, truth[place]))
    scores = {f"{name}_f1": counts[name].f1 for name in ("words", "shapes", "written")}
    for name in ("other_shape_answered", "click_anywhere_iou", "twins", "offset_x", "offset_y"):
        scores[name] = mean(values[name])
    return {name: round(value, 3) for name, value in scores.items()}


def _count_words(
    segmenter: Segmenter,
    scene: Scene,
    image: RgbImage,
    truth: Sequence[Mask],
    rng: np.random.Generator,
    counts: dict[str, Counts],
    values: dict[str, list[float]],
) -> None:
    asked: list[tuple[str, str, tuple[int, ...]]] = []
    for _ in range(PROMPTS_PER_SCENE):
        for name, maker in (
            ("words", present_words),
            ("shapes", shape_words),
            ("other", other_shape_words),
        ):
            query = maker(scene, rng)
            if query is not None and query.phrase is not None:
                asked.append((name, query.phrase, query.targets))
    shown = scene.objects[int(rng.integers(len(scene.objects)))]
    alike = [
        number
        for number, obj in enumerate(scene.objects)
        if (obj.kind, obj.colour) == (shown.kind, shown.colour)
    ]
    noun = KIND_OF[shown.kind].plural if rng.random() < 0.5 else shown.kind
    phrase = f"{shown.colour} {noun}" if shown.colour in COLOURS else noun
    asked.append(("written", as_written(phrase, rng), tuple(alike)))
    answers = found_masks(segmenter, image, [ConceptPrompt(text) for _, text, _ in asked])
    for (name, _, targets), found in zip(asked, answers, strict=True):
        if name == "other":
            values["other_shape_answered"].append(float(bool(found)))
            continue
        wanted = [truth[target] for target in targets]
        counts[name].add(found, wanted)
        twins = {
            number
            for pair in combinations(range(len(found)), 2)
            for number in pair
            if mask_iou(found[pair[0]], found[pair[1]]) > TWINS_IOU
        }
        values["twins"] += [float(number in twins) for number in range(len(found))]
        for mask in wanted:
            best = max(found, key=lambda one: mask_iou(one, mask), default=None)
            if best is not None and mask_iou(best, mask) >= OUTLINED_IOU:
                down, right = offset_of(best, mask)
                values["offset_y"].append(down * TINY.mask_size / SCENE_SIZE)
                values["offset_x"].append(right * TINY.mask_size / SCENE_SIZE)


def answered_photographs(segmenter: Segmenter) -> float:
    """The share of words for what is not there that got an answer on the photographs."""
    answered = []
    for name in PHOTOGRAPHS:
        with Image.open(PHOTOGRAPHED / f"{name}.jpg") as photograph:
            image = RgbImage(np.asarray(photograph.convert("RGB")))
        prompts = [ConceptPrompt(word) for word in NOT_THERE]
        answered += [float(bool(found)) for found in found_masks(segmenter, image, prompts)]
    return mean(answered)
