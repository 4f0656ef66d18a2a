"""The rearranged fusion encoder answers as the package's own does."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from sam3_playground.model.config import TINY
from sam3_playground.model.fusion import FusionEncoder, one_level

SIDE, WORDS, PROMPTS = 6, 7, 3


@pytest.mark.parametrize("images", [1, PROMPTS], ids=["one image", "an image each"])
@torch.inference_mode()
def test_memory_and_places_equal_the_packages(network: Any, images: int) -> None:
    torch.manual_seed(images)
    encoder, channels = network.transformer.encoder, TINY.d_model
    features = torch.randn(images, channels, SIDE, SIDE)
    positions = torch.randn(1, channels, SIDE, SIDE)
    prompt = torch.randn(WORDS, PROMPTS, channels)
    padding = torch.zeros(PROMPTS, WORDS).bool()
    padding[1, 3:] = True
    each = features.expand(PROMPTS, -1, -1, -1).flatten(2).permute(2, 0, 1)
    wanted = encoder(
        src=[each.clone()],
        src_key_padding_mask=None,
        src_pos=[positions.expand(PROMPTS, -1, -1, -1).flatten(2).permute(2, 0, 1)],
        prompt=prompt,
        prompt_pos=torch.zeros_like(prompt),
        prompt_key_padding_mask=padding,
        feat_sizes=[(SIDE, SIDE)],
    )
    fusion = FusionEncoder(encoder)
    memory, places = fusion.fuse(
        fusion.image_features(features, positions), positions, prompt, padding
    )
    torch.testing.assert_close(memory, wanted["memory"], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(places, wanted["pos_embed"])
    for name, value in one_level(memory).items():
        torch.testing.assert_close(value, wanted[name], check_dtype=False, msg=name)
