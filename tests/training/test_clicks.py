"""Simulated users click where real ones do: on what is meant, and where the mask is wrong."""

from __future__ import annotations

import numpy as np
import torch

from sam3_playground.model.config import TINY
from training.clicks import (
    FINER,
    _correction,
    _first_prompt,
    _shared_out,
    as_seen,
)

SCALE = TINY.image_size / TINY.mask_size
BOX = torch.tensor([0.5, 0.5, 0.2, 0.1])


def disc(x: float, y: float, radius: float) -> np.ndarray:
    """(m, m) bool: a disc at the network's mask size."""
    rows, columns = np.mgrid[: TINY.mask_size, : TINY.mask_size]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def under(point: tuple[float, float, int], mask: np.ndarray) -> bool:
    """Whether a click in pixels of the network's input lies on the mask."""
    column, row = (int(value / SCALE) for value in point[:2])
    return bool(mask[row, column])


def in_a_row(count: int, step: float) -> torch.Tensor:
    """(count, 4) boxes of a width of 0.1, their centres `step` apart."""
    places = torch.arange(count) * step + 0.1
    return torch.stack([places, places, *torch.full((2, count), 0.1)], dim=1)


def test_a_few_objects_are_meant_by_several_users_and_many_by_one_each() -> None:
    rng = np.random.default_rng(0)
    assert sorted(_shared_out(in_a_row(2, 0.3), 4, rng)) == [0, 0, 1, 1]
    assert len(set(_shared_out(in_a_row(9, 0.05), 4, rng))) == 4
    assert _shared_out(torch.zeros(0, 4), 4, rng) == []


def test_objects_that_reach_into_each_other_are_meant_more_often() -> None:
    rng = np.random.default_rng(0)
    boxes = torch.cat([in_a_row(2, 0.8), in_a_row(2, 0.05) + torch.tensor([0.3, 0.3, 0.0, 0.0])])
    first = [_shared_out(boxes, 1, rng)[0] for _ in range(200)]
    assert 130 < sum(index >= 2 for index in first) < 170  # three in four


def test_a_first_click_lies_on_the_object_and_a_first_box_around_it() -> None:
    rng = np.random.default_rng(1)
    mask = disc(60, 90, 7)
    firsts = [_first_prompt(BOX, mask, TINY, rng) for _ in range(200)]
    clicks = [first for first in firsts if len(first) == 1]
    assert 80 < len(clicks) < 160
    assert all(under(point, mask) and point[2] == 1 for (point,) in clicks)
    centre = np.array([60.5, 90.5]) * SCALE
    aimed = [np.abs(np.array(point[:2]) - centre).max() <= SCALE for (point,) in clicks]
    assert 0.35 < np.mean(aimed) < 0.7  # the others land anywhere on it
    for first in firsts:
        if len(first) == 2:
            (x0, y0, one), (x1, y1, other) = first
            assert (one, other) == (2, 3)
            assert np.allclose([x1 - x0, y1 - y0], [0.2 * 588, 0.1 * 588], rtol=0.25)


def test_a_correction_is_positive_on_what_is_missing_and_negative_on_what_is_too_much() -> None:
    rng = np.random.default_rng(2)
    true, shown = disc(60, 60, 12), disc(70, 60, 12)
    labels = []
    for _ in range(100):
        (point,) = _correction(shown, true, TINY, rng)
        labels.append(point[2])
        assert under(point, true & ~shown if point[2] else shown & ~true)
    assert 25 < sum(labels) < 75


def test_a_mask_without_a_fault_is_confirmed() -> None:
    rng = np.random.default_rng(3)
    true = disc(60, 60, 12)
    points = [_correction(true, true, TINY, rng)[0] for _ in range(40)]
    assert {label for _, _, label in points} == {0, 1}
    assert all(under(point, true) == bool(point[2]) for point in points)
    everything = np.ones_like(true)
    assert all(_correction(everything, everything, TINY, rng)[0][2] == 1 for _ in range(20))


def test_an_outline_is_seen_within_a_mask_pixel() -> None:
    coverage = torch.zeros(1, 8, 8)
    coverage[0, :, 3:] = 1.0
    edge = [int(as_seen(coverage)[0, 12].argmax())]
    coverage[0, :, 2] = 0.7
    edge.append(int(as_seen(coverage)[0, 12].argmax()))
    assert edge[0] == 3 * FINER
    assert 2 * FINER < edge[1] < 3 * FINER


def test_an_object_that_fills_no_mask_pixel_is_seen_where_it_fills_most() -> None:
    coverage = torch.zeros(1, 8, 8)
    coverage[0, 5, 2] = 0.3
    rows, columns = np.nonzero(as_seen(coverage)[0])
    assert len(rows)
    assert set(rows // FINER) == {5}
    assert set(columns // FINER) == {2}
