"""Checkpoint files into the network: what may be missing, what is left over, what is refused.

How names and forms change is a matter of `layouts`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint_file import read_metadata, read_tensors
from sam3_playground.model.config import PUBLISHED, NetworkConfig
from sam3_playground.model.file_kinds import shown_name
from sam3_playground.model.fitting import (
    Checkpoint,
    Expected,
    check_finite,
    check_forms,
    check_whole,
)
from sam3_playground.model.layouts import layout_of, unwrapped
from sam3_playground.model.network import build_network
from sam3_playground.model.parts import needed
from sam3_playground.model.refusals import check_usable
from sam3_playground.model.valueless import give_values
from sam3_playground.model.word_rows import with_all_rows, without_empty_rows

_CONFIG_KEY = "network_config"


@dataclass(frozen=True)
class LoadReport:
    """What loading left over.

    Attributes:
        unused: Names in the file that the image model has no place for.
        not_needed: The network's parameters that the file lacks and no result depends on.
        clicks: Whether the network answers visual prompts; else it has no click head any more.
    """

    unused: tuple[str, ...]
    not_needed: tuple[str, ...]
    clicks: bool = True

    @property
    def summary(self) -> str:
        """One line, empty if nothing was left over."""
        if not self.unused:
            return ""
        shown = ", ".join(self.unused[:3]) + (", ..." if len(self.unused) > 3 else "")
        return f"{len(self.unused)} entries of the file have no place in the image model: {shown}"


def read_config(path: Path) -> NetworkConfig:
    """The sizes that a file written by `write_checkpoint` carries; else the published ones.

    Raises:
        CheckpointError: The file cannot be read, or describes a network that cannot be, or one
            of more parameters than it holds.
    """
    metadata, held = read_metadata(path)
    if _CONFIG_KEY not in metadata:
        return PUBLISHED
    try:
        values = json.loads(metadata[_CONFIG_KEY])
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"expected JSON in the {_CONFIG_KEY} of {shown_name(path)}, got something else"
        ) from error
    try:
        config = NetworkConfig.from_json(values)
    except CheckpointError as error:
        raise CheckpointError(f"the {_CONFIG_KEY} of {shown_name(path)}: {error}") from error
    if config.least_parameters > held:
        raise CheckpointError(
            f"expected at least {config.least_parameters:,} numbers in {shown_name(path)}, as its "
            f"{_CONFIG_KEY} asks for, got {held:,}"
        )
    return config


def says_sizes(path: Path) -> bool:
    """Whether a file says the sizes of its network, which are else taken to be the published ones.

    Raises:
        CheckpointError: The file cannot be read.
    """
    return _CONFIG_KEY in read_metadata(path)[0]


def read_checkpoint(path: Path, *, forms_only: bool = False) -> Checkpoint:
    """The tensors of a file in any of the layouts.

    Args:
        path: The file, an index of several, or the folder that they are in.
        forms_only: Leave the numbers where they are, and give tensors on the meta device.

    Raises:
        CheckpointError: It cannot be read, is no SAM 3 checkpoint, or holds no plain weights.
    """
    name = shown_name(path)
    tensors = read_tensors(path)
    check_usable(name, tensors)
    tensors = with_all_rows(name, unwrapped(tensors))
    if forms_only:
        tensors = {key: tensor.to("meta") for key, tensor in tensors.items()}
    layout = layout_of(tensors)
    if layout is None:
        some = ", ".join(ascii(key[:80])[1:-1] for key in sorted(tensors)[:3]) or "nothing"
        raise CheckpointError(
            f"expected a SAM 3 checkpoint (detector.*, tracker.*) in {name}, got {some}"
        )
    return Checkpoint(name, layout.name, layout.convert(tensors))


def check_checkpoint(path: Path) -> None:
    """Look whether a file is a checkpoint of this family, before a network is built for it.

    Raises:
        CheckpointError: As `read_checkpoint` has it.
    """
    read_checkpoint(path, forms_only=True)


def write_checkpoint(path: Path, network: Any, config: NetworkConfig) -> None:
    """Write the network's weights in float16 with its sizes beside them.

    What carries nothing is left out: parameters that no result depends on, empty rows of the
    table of words, and complex position tables, which are computed.
    """
    state = network.state_dict()
    tensors = {
        name: state[name].detach().to("cpu", torch.float16).contiguous()
        for name in needed(state)
        if state[name].is_floating_point()
    }
    save_file(
        without_empty_rows(tensors), path, metadata={_CONFIG_KEY: json.dumps(config.to_json())}
    )


def load_checkpoint(network: Any, path: Path, *, clicks_from: Path | None = None) -> LoadReport:
    """Fill the network from a file in any of the layouts, or refuse it and change nothing.

    Values are given as `give_values` does; weights without a click head take the network's away.

    Args:
        network: Of the file's sizes.
        path: The file, an index of several, or the folder that they are in.
        clicks_from: Another such file, from which the click head and its neck are taken.

    Raises:
        CheckpointError: The file cannot be read, is no SAM 3 checkpoint, has a tensor of
            another shape or kind or one that holds NaN or infinity, or lacks a parameter that
            results depend on; or the other file lacks a click head.
    """
    found = read_checkpoint(path)
    if clicks_from is not None:
        found = found.with_clicks_of(_read_clicks(clicks_from, network))
    expected = Expected.of(network)
    check_forms(found, expected, assumed=not says_sizes(path))
    check_whole(found, expected)
    check_finite(found, expected)
    if not found.clicks:
        network.inst_interactive_predictor = None
        network.backbone.vision_backbone.sam2_convs = None
    names = found.tensors.keys() & network.state_dict().keys()
    give_values(network, {name: found.tensors[name] for name in sorted(names)})
    missing = sorted(expected.learned - found.tensors.keys())
    return LoadReport(
        unused=tuple(sorted(found.tensors.keys() - expected.tensors.keys())),
        not_needed=tuple(name for name in missing if name not in needed(missing)),
        clicks=found.clicks,
    )


def _read_clicks(path: Path, network: Any) -> Checkpoint:
    """A file's click head and neck, all of them, and of the network's sizes."""
    clicks = read_checkpoint(path).only_clicks()
    expected = Expected.of(network).only_clicks()
    check_forms(clicks, expected)
    check_whole(clicks, expected)
    return clicks


def expected_tensors(config: NetworkConfig) -> Expected:
    """What a network of these sizes has places for, without memory for its numbers."""
    return Expected.of(build_network(config, valueless=True))
