"""Scenes reach the network at its size, whatever size they were drawn at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam3_playground.model.config import TINY
from scenes.mixes import FOR_EXCLUSIONS
from scenes.queries import ConceptQuery
from scenes.scenes import Scene, draw_scene
from training import batches
from training.averages import scaled_config
from training.batches import (
    DRAWN,
    LARGEST_STRETCH,
    draw_squashed,
    inner_point,
    scene_tensors,
    tensors_of,
)


def test_scenes_are_drawn_a_little_smaller_to_much_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []

    def noted(rng: np.random.Generator, size: tuple[int, int], **kind: Any) -> Scene:
        drawn.append(size)
        return draw_scene(rng, size, **kind)

    monkeypatch.setattr(batches, "draw_scene", noted)
    rng = np.random.default_rng(0)
    for _ in range(80):
        scene = draw_squashed(rng, 56)
        assert scene.image.shape == (56, 56, 3)
        assert scene.label_map.shape == (56, 56)
    scales = np.sqrt([height * width for height, width in drawn]) / 56
    low, high = DRAWN
    assert low - 0.02 < scales.min() < low + 0.1
    assert high - 0.1 < scales.max() < high + 0.02
    forms = np.array([width / height for height, width in drawn])
    assert np.abs(np.log(forms)).max() < 2 * LARGEST_STRETCH + 0.05
    assert 0.2 < np.mean(forms == 1) < 0.6


def test_objects_stay_on_their_pixels_when_a_scene_is_squashed() -> None:
    astray = []
    for index in range(20):
        scene = draw_squashed(np.random.default_rng([42_000, index]), 168)
        for number, obj in enumerate(scene.objects, start=1):
            rows, columns = np.nonzero(scene.label_map == number)
            seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            astray.append(np.abs(np.subtract(obj.box_xyxy, seen)))
    # A pixel at most, but for points and corners too fine to be kept.
    assert np.mean(astray) < 0.6
    assert np.max(astray) < 4


def test_masks_lie_where_objects_lie_in_the_image() -> None:
    """Neither right nor left of them, below nor above: boxes are shrunk without rounding."""
    off = []
    for index in range(60):
        scene = draw_squashed(np.random.default_rng([43_000, index]), 168)
        for number, obj in enumerate(scene.objects, start=1):
            rows, columns = np.nonzero(scene.label_map == number)
            seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            middle = np.subtract(obj.box_xyxy, seen)
            off.append([(middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2])
    assert np.abs(np.mean(off, axis=0)).max() < 0.06


def test_a_scene_with_nothing_in_it_has_prompts_and_no_objects() -> None:
    scene = Scene(np.zeros((168, 168, 3), np.uint8), np.zeros((168, 168), np.uint8), ())
    config = scaled_config(TINY, 168)
    tensors = tensors_of(scene, [ConceptQuery("dog", ())], config)
    assert tuple(tensors.coverage.shape) == (0, config.mask_size, config.mask_size)
    assert tuple(tensors.boxes.shape) == (0, 4)


def test_the_inner_point_lies_deepest() -> None:
    bitmap = np.zeros((20, 30), dtype=bool)
    bitmap[2:9, 3:12] = True
    bitmap[15, :] = True
    assert inner_point(bitmap) in {(x + 0.5, 5.5) for x in range(6, 9)}
    edge = np.zeros((4, 4), dtype=bool)
    edge[0, 3] = True
    assert inner_point(edge) == (3.5, 0.5)


def test_scenes_for_exclusions_hold_look_alikes_and_prompts_that_leave_them_out() -> None:
    config = scaled_config(TINY, 168)
    scenes = [
        scene_tensors(3, index, config, prompts=8, mix=FOR_EXCLUSIONS, confusing=0.5)
        for index in range(12)
    ]
    queries = [query for scene in scenes for query in scene.queries]
    assert 0.3 < np.mean([bool(query.negative) for query in queries]) < 0.7
    sorts = {(bool(q.phrase), bool(q.positive)) for q in queries if q.negative}
    assert sorts == {(True, False), (False, True), (True, True)}


def test_crowded_scenes_hold_several_of_each_picture() -> None:
    config = scaled_config(TINY, 168)
    scenes = [
        scene_tensors(3, index, config, prompts=0, mix=FOR_EXCLUSIONS, crowded=1.0)
        for index in range(4)
    ]
    for scene in scenes:
        assert (scene.colours == -1).all()
        assert 1 <= len(set(scene.kinds.tolist())) <= 2 < len(scene.kinds)
