"""A network's weights as tensors: averaged, of another image size, with those of another file."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from sam3_playground.errors import CheckpointError, InvalidInputError
from sam3_playground.model.checkpoint import load_checkpoint, read_config
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.network import build_network

# What either of two counts in their mean, if nothing else is said.
EVEN = 0.5


def averaged_network(config: NetworkConfig, average: dict[str, Tensor]) -> Any:
    """A network of that configuration with a run's averaged weights, of any image size."""
    network = build_network(config)
    network.load_state_dict(scaled_positions(average, network), strict=False)
    return network


@torch.no_grad()
def averaged_with(network: Any, config: NetworkConfig, path: Path, *, share: float = EVEN) -> Any:
    """The network, each of its weights the mean of its own and the checkpoint's.

    Two ends of one run err in different places (model soups, arXiv:2203.05482).

    Args:
        network: Changed in place.
        config: Its configuration.
        path: The checkpoint.
        share: What the checkpoint counts in the mean, from 0 to 1; the network counts the rest.

    Raises:
        InvalidInputError: The share is none.
        CheckpointError: The checkpoint is of another configuration, or cannot be read.
    """
    if not 0.0 <= share <= 1.0:
        raise InvalidInputError(f"expected a share from 0 to 1, got {share:g}")
    if read_config(path) != config:
        raise CheckpointError(
            f"expected {path.name} to hold a network of this configuration, got another: "
            "average with weights that this run kept"
        )
    other = build_network(config)
    load_checkpoint(other, path)
    theirs = other.state_dict()
    for name, value in learned_tensors(network).items():
        value.lerp_(theirs[name], share)
    return network


def scaled_config(config: NetworkConfig, image_size: int) -> NetworkConfig:
    """The same network for another size of image, its table of positions scaled along."""
    positions = config.pretrain_image_size * image_size // config.image_size
    return replace(config, image_size=image_size, pretrain_image_size=positions)


def scaled_positions(tensors: dict[str, Tensor], network: Any) -> dict[str, Tensor]:
    """The tensors with the trunk's table of positions brought to the network's size.

    Bicubic, as vision transformers are commonly moved to another image size; all other
    weights are those of any size. The table's first row belongs to no place.
    """
    (name,) = (name for name in tensors if name.endswith("trunk.pos_embed"))
    table = tensors[name]
    side, wanted = (math.isqrt(t.shape[1] - 1) for t in (table, network.state_dict()[name]))
    grid = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(wanted, wanted), mode="bicubic", align_corners=False)
    return {**tensors, name: torch.cat([table[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)}


def learned_tensors(network: Any) -> dict[str, Tensor]:
    """Parameters and learned buffers; position tables are complex, and computed."""
    return floats(network.state_dict())


def floats(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Only the floating-point ones."""
    return {name: value for name, value in tensors.items() if value.is_floating_point()}
