"""Scenes are repeatable, and their truth agrees with their pixels."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.scenes import (
    EVAL_SEED,
    EXAMPLE_SEED,
    MAX_OBJECTS,
    MIN_VISIBLE_PIXELS,
    TRAIN_SEED,
    Scene,
    SceneObject,
    draw_scene,
)
from scenes.vocabulary import COLOURS, KIND_OF

SEED = 41_000


def scene(index: int, size: int | tuple[int, int] = 168) -> Scene:
    return draw_scene(np.random.default_rng([SEED, index]), size)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [scene(index) for index in range(60)]


def test_a_seed_gives_the_same_scene_again() -> None:
    first, again = scene(3), scene(3)
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.label_map, again.label_map)
    assert first.objects == again.objects


def test_another_place_in_the_stream_gives_another_scene() -> None:
    assert not np.array_equal(scene(3).image, scene(4).image)


@pytest.mark.parametrize("size", [(120, 200), (200, 120), (96, 96)])
def test_a_scene_has_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    drawn = scene(0, size)
    assert drawn.image.shape == (*size, 3)
    assert drawn.image.dtype == np.uint8
    assert drawn.label_map.shape == size


def test_every_label_is_an_object_and_every_object_has_pixels(scenes: list[Scene]) -> None:
    for drawn in scenes:
        assert len(drawn.objects) <= MAX_OBJECTS
        labels = set(np.unique(drawn.label_map)) - {0}
        assert labels == set(range(1, len(drawn.objects) + 1))
        assert np.bincount(drawn.label_map.ravel())[1:].min(initial=999) >= MIN_VISIBLE_PIXELS


def test_boxes_are_the_edges_of_the_visible_pixels(scenes: list[Scene]) -> None:
    for drawn in scenes:
        for label, obj in enumerate(drawn.objects, start=1):
            y, x = np.nonzero(drawn.label_map == label)
            assert obj.box_xyxy == (x.min(), y.min(), x.max() + 1, y.max() + 1)


def test_shapes_have_a_colour_and_pictures_have_none(scenes: list[Scene]) -> None:
    for obj in (obj for drawn in scenes for obj in drawn.objects):
        assert KIND_OF[obj.kind].is_shape == (obj.colour is not None)


def test_a_shape_looks_like_the_colour_it_is_named_by() -> None:
    named = list(COLOURS)
    middles = np.array([COLOURS[name] for name in named])
    right = []
    for drawn in (scene(index) for index in range(150)):
        for label, obj in enumerate(drawn.objects, start=1):
            pixels = drawn.image[drawn.label_map == label]
            if obj.colour is not None and len(pixels) > 300:
                distance = np.abs(middles - np.median(pixels, axis=0)).sum(axis=1)
                right.append(named[int(distance.argmin())] == obj.colour)
    # Light and shades may carry a yellow to an orange, but seldom.
    assert len(right) > 50
    assert np.mean(right) > 0.95


def test_scenes_vary_in_number_and_size(scenes: list[Scene]) -> None:
    counts = [len(drawn.objects) for drawn in scenes]
    assert min(counts) <= 2
    assert max(counts) >= 15
    sides = [side(obj) / 168 for drawn in scenes for obj in drawn.objects]
    assert min(sides) < 0.08
    assert max(sides) > 0.5


def side(obj: SceneObject) -> float:
    x0, y0, x1, y1 = obj.box_xyxy
    return max(x1 - x0, y1 - y0)


def test_many_scenes_hold_the_same_thing_several_times(scenes: list[Scene]) -> None:
    def repeats(drawn: Scene) -> bool:
        looks = [(obj.kind, obj.colour) for obj in drawn.objects]
        return len(set(looks)) < len(looks)

    assert np.mean([repeats(drawn) for drawn in scenes]) > 0.4


def test_training_never_draws_from_the_seeds_of_scores_and_examples() -> None:
    # Every stage has a stream of its own, at or above the first.
    assert max(EVAL_SEED, EXAMPLE_SEED) < TRAIN_SEED
    assert EVAL_SEED != EXAMPLE_SEED
