"""The fusion encoder: the package's layers, with what no prompt changes done once an image.

Its first layer lets the image's patches attend to each other before any of them has seen the
prompt. That half of the layer, the dearest part of a prompt on a large grid, is therefore the
same for every prompt, and belongs to the image's embedding.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


class FusionEncoder:
    """The fusion encoder of one network.

    Args:
        encoder: The package's `TransformerEncoderFusion`, of one level of features, its layers
            normalised before attention, without pooled words added to the image.
    """

    def __init__(self, encoder: Any) -> None:
        self._layers = encoder.layers

    def image_features(self, features: Tensor, positions: Tensor) -> Tensor:
        """The image's patches after they attended to each other.

        Args:
            features: (B, C, g, g), the coarsest level. positions: (1, C, g, g).

        Returns:
            (B, g * g, C).
        """
        first = self._layers[0]
        patches = flattened(features)
        normed = first.norm1(patches)
        at = normed + flattened(positions)
        attended: Tensor = first.self_attn(at, at, value=normed)[0]
        return patches + attended

    def fuse(
        self, image_features: Tensor, positions: Tensor, prompt: Tensor, prompt_padding: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What the image is to each of P prompts.

        Args:
            image_features: From `image_features`, (1, g * g, C) for all prompts, or (P, g * g, C)
                with the image of each.
            positions: (1, C, g, g).
            prompt: (L, P, C). prompt_padding: (P, L), True at padding.

        Returns:
            Memory and positions, (g * g, P, C) each, as the package's encoder gives them.
        """
        first, *others = self._layers
        words = prompt.transpose(0, 1)
        told = first.cross_attn_image(
            query=first.norm2(image_features).expand(len(words), -1, -1),
            key=words,
            value=words,
            key_padding_mask=prompt_padding,
        )[0]
        patches = image_features + told
        hidden = first.activation(first.linear1(first.norm3(patches)))
        patches = patches + first.linear2(hidden)
        places = flattened(positions).expand(len(words), -1, -1)
        for layer in others:
            patches = layer(
                tgt=patches,
                memory=words,
                memory_key_padding_mask=prompt_padding,
                query_pos=places,
            )
        return patches.transpose(0, 1), places.transpose(0, 1)


def flattened(level: Tensor) -> Tensor:
    """(1, C, g, g) as (1, g * g, C)."""
    return level.flatten(2).transpose(1, 2)


def one_level(memory: Tensor) -> dict[str, Tensor]:
    """How the package's decoder is told that (g * g, P, C) are one level, all of it valid."""
    side = math.isqrt(len(memory))
    device = memory.device
    return {
        "spatial_shapes": torch.tensor([(side, side)], device=device),
        "level_start_index": torch.zeros(1, dtype=torch.long, device=device),
        "valid_ratios": torch.ones(memory.shape[1], 1, 2, device=device),
    }
