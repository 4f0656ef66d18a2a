"""Masks from logits are those of resizing the whole map as torch does, and cutting at 0."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sam3_playground.core.masks import mask_from_logits
from tests.core.drawing import properties

# A logit nearer to 0 than this may fall on either side of it.
TOLERANCE = 1e-4


def assert_as_torch_resizes(logits: NDArray[np.float32], image_size: tuple[int, int]) -> None:
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(logits)[None, None], size=image_size, mode="bilinear", align_corners=False
    )[0, 0].numpy()
    mask = mask_from_logits(logits, image_size)
    clear = np.abs(resized) > TOLERANCE
    assert np.array_equal(mask.to_bitmap()[clear], resized[clear] > 0)


@properties
@given(
    low=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    image_size=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    offset=st.floats(-3, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_noise_at_any_size(
    low: tuple[int, int], image_size: tuple[int, int], offset: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).standard_normal(low) * 3 + offset
    assert_as_torch_resizes(noise.astype(np.float32), image_size)


@properties
@given(
    cell=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    image_size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_one_positive_cell_anywhere(cell: tuple[int, int], image_size: tuple[int, int]) -> None:
    logits = np.full((9, 9), -1, dtype=np.float32)
    logits[cell] = 50  # so strong that everything it touches is inside
    assert_as_torch_resizes(logits, image_size)


@pytest.mark.parametrize(
    "image_size",
    [
        (288, 288),  # as it is
        (289, 287),  # almost
        (720, 1280),
        (3, 2000),  # a strip
        (100, 50),  # down, unevenly
        (1, 1),
        (1, 300),
        (1009, 1),
    ],
)
def test_the_networks_map_at_an_images_size(image_size: tuple[int, int]) -> None:
    rows, columns = np.mgrid[:288, :288]
    discs = [(40, 60, 25), (200, 210, 30), (0, 287, 12)]
    logits = np.max(
        [radius - np.hypot(rows - y, columns - x) for y, x, radius in discs], axis=0
    ).astype(np.float32)
    assert_as_torch_resizes(logits, image_size)


def test_blocks_of_rows_meet_without_a_seam() -> None:
    logits = np.random.default_rng(0).standard_normal((36, 36)).astype(np.float32)
    assert_as_torch_resizes(logits, (900, 700))
