"""Where an untrained network starts, so that training starts at all."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

# Reference boxes of untrained queries: a square grid of boxes of this normalised side.
REFERENCE_SIDE = 0.25
# Steps of the regression that shows boxes to the decoder: with a tenth of them the bias is
# still half wrong, and boxes are learned at half the speed.
BIAS_STEPS = 5000
# Of the position table's waves, against patches of about 1.
WAVE_HEIGHT = 0.5
_FLOOR = 5.0


def initialise(network: Any, *, token_ids: Tensor) -> None:
    """Give patches and queries their places, and words outside the vocabulary no meaning.

    Args:
        network: As `build_network` gives it.
        token_ids: (V,) ids of the tokens that the vocabulary uses; all other rows of the
            token table are zero, and stay so, so that an unknown word says nothing.
    """
    spread_positions(network.backbone.vision_backbone.trunk)
    spread_reference_points(network.transformer.decoder)
    fit_box_bias(network.transformer.decoder)
    table = network.backbone.language_backbone.encoder.token_embedding.weight
    with torch.no_grad():
        keep = torch.zeros(len(table), 1)
        keep[token_ids] = 1.0
        nn.init.normal_(table, std=0.05)
        table.mul_(keep)


def position_waves(count: int, cycles: Tensor) -> Tensor:
    """Sines and cosines along both axes of a grid of `count` by `count` places.

    Args:
        cycles: (F,) how often each wave repeats over the image.

    Returns:
        (count, count, 4 F): sines, then cosines, along x, then along y.
    """
    phase = 2 * math.pi * cycles * ((torch.arange(count) + 0.5) / count)[:, None]
    waves = torch.cat([phase.sin(), phase.cos()], dim=1)  # (count, 2 F)
    along_x, along_y = waves[None].expand(count, -1, -1), waves[:, None].expand(-1, count, -1)
    return torch.cat([along_x, along_y], dim=-1)


def spread_positions(trunk: Any) -> None:
    """Begin the trunk's table of positions with waves.

    Learned from noise it stays a fiftieth of what patches show, and neither pixels nor
    queries can tell where they are: masks then spread over everything that looks alike.
    """
    table = trunk.pos_embed  # (1, 1 + g * g, C); the first row belongs to no place
    count, width = math.isqrt(table.shape[1] - 1), table.shape[2]
    waves = position_waves(count, torch.logspace(-1.0, 2.0, width // 4, base=2.0))
    with torch.no_grad():
        table[0, 1:, : waves.shape[-1]].add_(WAVE_HEIGHT * waves.flatten(0, 1))


def spread_reference_points(decoder: Any) -> None:
    """Put the queries' reference boxes on a square grid over the image."""
    queries = decoder.num_queries
    side = math.isqrt(queries - 1) + 1
    places = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(places, places, indexing="ij")
    centres = torch.stack([x.flatten(), y.flatten()], dim=1)[:queries]
    boxes = torch.cat([centres, torch.full_like(centres, REFERENCE_SIDE)], dim=1)
    with torch.no_grad():
        decoder.reference_points.weight.copy_(torch.logit(boxes))


def fit_box_bias(decoder: Any, *, seed: int = 0) -> None:
    """Teach the box-relative attention bias to look at, around and along a box.

    The decoder adds, for each head, a bias along x and one along y, computed from the
    distances of a pixel to the box's edges. Random biases hide the box from the queries;
    a few seconds of regression to hand-made ones show it to them.
    """
    generator = torch.Generator().manual_seed(seed)
    networks = {"x": decoder.boxRPB_embed_x, "y": decoder.boxRPB_embed_y}
    parameters = [p for mlp in networks.values() for p in mlp.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=3e-3)
    with torch.enable_grad():
        for _ in range(BIAS_STEPS):
            low = torch.rand(2048, generator=generator) * 1.2 - 0.1
            width = 0.03 + 0.6 * torch.rand(2048, generator=generator) ** 2
            place = torch.rand(2048, generator=generator)
            deltas = torch.stack([place - low, place - low - width], dim=1)
            scaled = deltas * 8
            inputs = scaled.sign() * torch.log2(scaled.abs() + 1.0) / math.log2(8)
            loss = sum(
                nn.functional.mse_loss(mlp(inputs), _wanted_bias(deltas, axis))
                for axis, mlp in networks.items()
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[union-attr]
            optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def _wanted_bias(deltas: Tensor, axis: str) -> Tensor:
    """(N, 8) bias per head of places at `deltas` (N, 2) from a box's low and high edge."""
    from_low, from_high = deltas[:, 0], deltas[:, 1]
    width = from_low - from_high
    outside = torch.relu(-from_low) + torch.relu(from_high)

    def within(margin: Tensor) -> Tensor:
        return -_FLOOR * torch.clamp(torch.relu(outside - margin) / (0.1 * width + 0.03), max=1.0)

    def near(distance: Tensor) -> Tensor:
        return -_FLOOR * torch.clamp((distance / (0.3 * width + 0.05)) ** 2, max=1.0)

    inside = within(torch.zeros_like(width))
    heads = [
        inside,
        near(from_low) if axis == "x" else inside,
        near(from_high) if axis == "x" else inside,
        near(from_low) if axis == "y" else inside,
        near(from_high) if axis == "y" else inside,
        within(0.5 * width),
        within(1.0 * width + 0.1),
        torch.zeros_like(width),
    ]
    return torch.stack(heads, dim=1)
