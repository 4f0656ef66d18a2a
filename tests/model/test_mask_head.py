"""The rearranged mask head answers as the package's own does."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch

from sam3_playground.model.mask_head import MaskHead, folded
from tests.model.conftest import SMALL


@pytest.mark.parametrize("side", [1, 2, 5])
def test_a_folded_kernel_is_a_convolution_of_repeated_pixels(side: int) -> None:
    torch.manual_seed(side)
    weight, small = torch.randn(6, 4, 3, 3), torch.randn(2, 4, side, side)
    enlarged = torch.nn.functional.interpolate(small, scale_factor=2, mode="nearest")
    wanted = torch.nn.functional.conv2d(enlarged, weight, padding=1)
    got = torch.nn.functional.conv_transpose2d(small, folded(weight), stride=2, padding=1)
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("precision", [None, torch.bfloat16], ids=["float32", "bfloat16"])
@torch.inference_mode()
def test_masks_equal_the_packages(small_network: Any, precision: torch.dtype | None) -> None:
    torch.manual_seed(0)
    count, words, queries, grid = 3, 7, 5, SMALL.grid
    head, channels = deepcopy(small_network.segmentation_head), small_network.hidden_dim
    levels = [torch.randn(1, channels, side, side) for side in (4 * grid, 2 * grid, grid)]
    memory = torch.randn(grid * grid, count, channels)
    prompt, padding = torch.randn(words, count, channels), torch.zeros(count, words).bool()
    padding[1, 3:] = True
    decoded = torch.randn(2, count, queries, channels)
    wanted = head(
        backbone_feats=levels,
        obj_queries=decoded,
        image_ids=torch.zeros(count, dtype=torch.long),
        encoder_hidden_states=memory,
        prompt=prompt,
        prompt_mask=padding,
    )["pred_masks"]
    mask_head = MaskHead(head)
    with torch.autocast("cpu", dtype=precision, enabled=precision is not None):
        features = mask_head.image_features(levels)
        got = mask_head.masks(features, decoded[-1], memory, prompt, padding)
    error = (got.float() - wanted).norm() / wanted.norm()
    assert error < (1e-5 if precision is None else 2e-2)
