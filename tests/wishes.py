"""Wishes about drawn scenes, made from a seed: every sort of prompt, threshold, NMS and cleanup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from sam3_playground.core.nms import NmsMode
from scenes.scenes import EVAL_SEED, Scene, SceneObject, draw_scene
from tests.request_doors import Concept, Wish

SIZES = ((270, 360), (300, 200), (240, 240))
CLEANUPS: tuple[dict[str, float], ...] = (
    {},
    {},
    {"min_area": 150},
    {"fill_holes": 60, "simplify": 2.5},
    {"fill_holes": 400, "min_area": 40, "simplify": 1.0},
)
THRESHOLDS = (None, 0.0, 0.02, 0.5, 1.0)
MODES: tuple[NmsMode | None, ...] = (None, "off", "within", "across")
SORTS = ("words", "words and a box", "a box", "words against a box", "a box against another")


@cache
def draw_scenes() -> tuple[Scene, ...]:
    """One of each size, with several objects."""
    return tuple(_busy_scene(number, size) for number, size in enumerate(SIZES))


def _busy_scene(number: int, size: tuple[int, int]) -> Scene:
    streams = (np.random.default_rng([EVAL_SEED, 9_000 + number, n]) for n in range(100))
    scenes = (draw_scene(rng, size) for rng in streams)
    return next(one for one in scenes if len({(it.kind, it.colour) for it in one.objects}) > 2)


def concept_wishes(scene: Scene, seed: int, count: int) -> Iterator[Wish]:
    """Each of one concept or two, and each sort of prompt in its turn."""
    rng = np.random.default_rng([EVAL_SEED, seed])
    for number in range(count):
        one, other = _two(scene.objects, rng)
        concepts = [_concept(SORTS[number % len(SORTS)], one, other)]
        if rng.random() < 0.6:
            sort = "a box" if rng.random() < 0.2 else "words"
            second = _concept(sort, other, one)
            concepts += [second] if second.text != concepts[0].text else []
        if rng.random() < 0.3:
            own = float(rng.choice([0.0, 0.01, 0.3, 0.9]))
            concepts[0] = Concept(concepts[0].text, concepts[0].boxes, own)
        mode = MODES[int(rng.integers(len(MODES)))]
        iou = float(rng.uniform(0.3, 0.9)) if rng.random() < 0.8 else None
        yield Wish(
            tuple(concepts),
            threshold=THRESHOLDS[(number + seed) % len(THRESHOLDS)],
            nms=None if mode is None else (mode, iou),
            cleanup=CLEANUPS[int(rng.integers(len(CLEANUPS)))],
        )


def object_wishes(scene: Scene, seed: int) -> Iterator[Wish]:
    """A click, clicks, a box, and both, also with what is not meant."""
    rng = np.random.default_rng([EVAL_SEED, seed])
    one, other = _two(scene.objects, rng)
    on, off = (*_middle(one), True), (*_middle(other), False)
    x0, y0, *_ = one.box_xyxy
    second = ((on[0] + x0) / 2, (on[1] + y0) / 2, True)
    for points, box in (
        ((on,), None),
        ((on, second), None),
        ((on, off), None),
        ((), one.box_xyxy),
        ((on,), one.box_xyxy),
        ((off,), one.box_xyxy),
    ):
        cleanup = CLEANUPS[int(rng.integers(len(CLEANUPS)))]
        yield Wish(points=points, box=box, cleanup=cleanup)


def _two(objects: Sequence[SceneObject], rng: np.random.Generator) -> list[SceneObject]:
    return [objects[place] for place in rng.permutation(len(objects))[:2]]


def _middle(one: SceneObject) -> tuple[float, float]:
    x0, y0, x1, y1 = one.box_xyxy
    return (x0 + x1) / 2, (y0 + y1) / 2


def _concept(sort: str, one: SceneObject, other: SceneObject) -> Concept:
    name = f"{one.colour} {one.kind}" if one.colour else one.kind
    positive, negative = (one.box_xyxy, True), (other.box_xyxy, False)
    return {
        "words": Concept(name),
        "words and a box": Concept(name, (positive,)),
        "a box": Concept(None, (positive,)),
        "words against a box": Concept(name, (negative,)),
        "a box against another": Concept(None, (positive, negative)),
    }[sort]
