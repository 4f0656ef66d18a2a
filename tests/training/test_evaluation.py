"""Scores count what they say they count."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from sam3_playground.core.masks import Mask
from sam3_playground.core.segmenter import Segmenter
from scenes.scenes import EVAL_SEED, EXAMPLE_SEED, TRAIN_SEED, draw_scene
from tests.fakes import FakeSegmenter
from training.contact_sheet import SCENES, draw_contact_sheet, names_in
from training.evaluation import (
    SCENE_SIZE,
    Counts,
    Scores,
    count_matches,
    mean,
)
from training.examples import indices_of


def square(y: int, x: int, side: int = 10) -> Mask:
    return Mask((100, 100), (y, x), np.ones((side, side), dtype=bool))


@pytest.mark.parametrize(
    ("found", "wanted", "matches"),
    [
        ([], [], 0),
        ([square(0, 0)], [], 0),
        ([square(0, 0)], [square(0, 0)], 1),
        ([square(0, 0)], [square(50, 50)], 0),
        ([square(0, 3)], [square(0, 0)], 1),  # IoU 7 / 13
        ([square(0, 4)], [square(0, 0)], 0),  # IoU 6 / 14
        ([square(0, 0), square(0, 1)], [square(0, 0)], 1),  # one object counts once
        ([square(0, 1), square(0, 0)], [square(0, 0), square(0, 2)], 2),
    ],
)
def test_matches_are_one_to_one_at_half_overlap(
    found: list[Mask], wanted: list[Mask], matches: int
) -> None:
    assert count_matches(found, wanted) == matches


def test_f1_counts_spurious_and_missed_instances() -> None:
    counts = Counts()
    counts.add([square(0, 0), square(50, 50)], [square(0, 0)])
    counts.add([], [square(0, 0)])
    assert (counts.matched, counts.spurious, counts.missed) == (1, 1, 1)
    assert counts.f1 == 0.5
    assert Counts().f1 == 0.0


def test_nothing_has_no_mean_and_scores_are_rounded() -> None:
    assert np.isnan(mean([]))
    scores = Scores(1, 0.12345, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5)
    assert scores.to_json()["words_f1"] == 0.123


def test_scenes_are_scored_that_no_training_saw() -> None:
    training = {TRAIN_SEED + 1000 * stage for stage in range(100)}
    assert not training & {EVAL_SEED, EXAMPLE_SEED}


def test_the_contact_sheet_shows_its_scenes_and_what_was_found() -> None:
    segmenter = FakeSegmenter()
    sheet = draw_contact_sheet(cast("Segmenter", segmenter))
    assert len(segmenter.calls) == SCENES
    assert sheet.shape == (1342, 1650, 3)
    first = draw_scene(np.random.default_rng([EVAL_SEED, 0]), SCENE_SIZE)
    names = names_in(first)
    assert 0 < len(names) <= 3
    assert all(indices_of(first, name) for name in names)
