"""Scenes reach the network at its size, whatever size they were drawn at."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.scenes import Scene, draw_scene
from training import batches
from training.batches import DRAWN, LARGEST_STRETCH, draw_squashed, inner_point


def test_scenes_are_drawn_a_little_smaller_to_much_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []

    def noted(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
        drawn.append(size)
        return draw_scene(rng, size)

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


def test_the_inner_point_lies_deepest() -> None:
    bitmap = np.zeros((20, 30), dtype=bool)
    bitmap[2:9, 3:12] = True
    bitmap[15, :] = True
    assert inner_point(bitmap) in {(x + 0.5, 5.5) for x in range(6, 9)}
    edge = np.zeros((4, 4), dtype=bool)
    edge[0, 3] = True
    assert inner_point(edge) == (3.5, 0.5)
