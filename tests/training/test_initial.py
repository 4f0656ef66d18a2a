"""Where training starts: positions that can be told, at any size."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import nn

from training.averages import scaled_positions
from training.initial import WAVE_HEIGHT, position_waves, spread_positions

NAME = "backbone.vision_backbone.trunk.pos_embed"


def trunk(side: int, width: int = 16) -> SimpleNamespace:
    return SimpleNamespace(pos_embed=nn.Parameter(torch.zeros(1, 1 + side * side, width)))


def test_waves_run_along_x_first_and_tell_every_place_apart() -> None:
    waves = position_waves(6, torch.tensor([0.5, 2.0]))
    assert waves.shape == (6, 6, 8)
    torch.testing.assert_close(waves[0, :, :4], waves[5, :, :4])
    torch.testing.assert_close(waves[:, 0, 4:], waves[:, 5, 4:])
    torch.testing.assert_close(waves[0, 1, 0], torch.tensor(torch.pi * 1.5 / 6).sin())
    flat = waves.flatten(0, 1)
    assert (torch.cdist(flat, flat) + 9 * torch.eye(36)).min() > 0.3


def test_a_table_of_positions_begins_with_waves_in_all_rows_but_the_first() -> None:
    place = trunk(12)
    spread_positions(place)
    assert (place.pos_embed[0, 0] == 0).all()
    assert place.pos_embed[0, 1:].abs().amax() <= WAVE_HEIGHT
    assert (place.pos_embed[0, 1:].std(0) > 0.1).all()


def test_positions_stay_where_they_are_at_another_size() -> None:
    small, large = trunk(12), trunk(18)
    for place in (small, large):
        spread_positions(place)
    network = nn.Module()
    network.backbone = nn.Module()
    network.backbone.vision_backbone = nn.Module()
    network.backbone.vision_backbone.trunk = nn.Module()
    network.backbone.vision_backbone.trunk.pos_embed = nn.Parameter(large.pos_embed)
    scaled = scaled_positions({NAME: small.pos_embed.detach()}, network)[NAME]
    inner = torch.zeros(18, 18, dtype=torch.bool)
    inner[3:-3, 3:-3] = True  # beyond the outermost places there is nothing to interpolate
    error = (scaled - large.pos_embed)[0, 1:][inner.flatten()].abs()
    assert error.mean() < 0.02
