"""Tensors of a checkpoint that are no numbers for the network are refused by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import (
    check_checkpoint,
    load_checkpoint,
    read_config,
    write_checkpoint,
)
from sam3_playground.model.config import TINY
from sam3_playground.model.network import build_network

NAME = "backbone.vision_backbone.trunk.pos_embed"


@pytest.fixture(scope="module")
def blank() -> Any:
    """A network that every test may overwrite."""
    return build_network(TINY)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda value: spoiled(value, float("nan")), f"got NaN or infinity in {NAME}"),
        (lambda value: spoiled(value, float("inf")), f"got NaN or infinity in {NAME}"),
        (lambda value: spoiled(value, -float("inf")).half(), f"NaN or infinity in {NAME}"),
        (
            lambda value: value.to(torch.float8_e5m2),
            "plain weights in a.*, got floats of 8 bits, too coarse for this network",
        ),
        (lambda value: value.int(), f"expected {NAME} as floats in a.*, got int32"),
        (lambda value: value > 0, f"expected {NAME} as floats in a.*, got bool"),
    ],
    ids=["NaN", "infinity", "half", "8 bits", "whole numbers", "booleans"],
)
def test_numbers_that_are_none_are_refused_by_name(
    spoil: Callable[[torch.Tensor], torch.Tensor],
    words: str,
    suffix: str,
    network: Any,
    blank: Any,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"a{suffix}"
    content = {k: v for k, v in network.state_dict().items() if v.is_floating_point()}
    content[NAME] = spoil(content[NAME])
    if suffix == ".pt":
        torch.save(content, path)
    else:
        save_file({k: v.contiguous().clone() for k, v in content.items()}, path)
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(blank, path)


def test_large_numbers_are_numbers(network: Any, blank: Any, tmp_path: Path) -> None:
    """Though their sum is none."""
    content = {k: v for k, v in network.state_dict().items() if v.is_floating_point()}
    content[NAME] = torch.full_like(content[NAME], torch.finfo(torch.float32).max)
    torch.save(content, tmp_path / "a.pt")
    load_checkpoint(blank, tmp_path / "a.pt")


def spoiled(value: torch.Tensor, with_what: float) -> torch.Tensor:
    copy = value.clone()
    copy.view(-1)[-1] = with_what
    return copy


@pytest.mark.parametrize(
    "form",
    [
        lambda value: value.to_sparse(),
        lambda value: torch.quantize_per_tensor(value, 0.1, 0, torch.qint8),
        lambda value: value.to("meta"),
    ],
    ids=["sparse", "quantised", "no numbers"],
)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_tensors_of_another_form_are_refused_by_name(
    form: Callable[[torch.Tensor], torch.Tensor], network: Any, blank: Any, tmp_path: Path
) -> None:
    content = dict(network.state_dict())
    content[NAME] = form(content[NAME])
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match=r"expected .* in a.pt|a.pt of .* broken"):
        load_checkpoint(blank, tmp_path / "a.pt")


def test_what_was_written_is_read_again(network: Any, blank: Any, tmp_path: Path) -> None:
    """The control of all above."""
    write_checkpoint(tmp_path / "a.safetensors", network, TINY)
    check_checkpoint(tmp_path / "a.safetensors")
    assert read_config(tmp_path / "a.safetensors") == TINY
    assert not load_checkpoint(blank, tmp_path / "a.safetensors").unused
