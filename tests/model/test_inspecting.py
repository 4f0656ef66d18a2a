"""What a file of weights is and can do is told without its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import read_checkpoint
from sam3_playground.model.config import TINY
from sam3_playground.model.inspecting import CheckpointReport, inspect_checkpoint
from sam3_playground.model.network import build_network, parameter_count
from sam3_playground.model.refusals import check_usable
from sam3_playground.weights.resolving import bundled_path
from tests.peak import peak_bytes

MEBIBYTE = 2**20


def test_the_bundled_checkpoint() -> None:
    network = build_network(TINY)
    frequencies = "inst_interactive_predictor.model.sam_prompt_encoder.pe_layer"
    more = network.state_dict()[f"{frequencies}.positional_encoding_gaussian_matrix"].numel()
    assert inspect_checkpoint(bundled_path()) == CheckpointReport(
        layout="SAM 3's image model",
        precision="float16",
        parameter_count=parameter_count(network) + more,
        concepts=True,
        clicks=True,
        missing=(),
        unused=(),
    )


def test_headers_are_enough_and_no_network_is_made(tmp_path: Path) -> None:
    """One of the published sizes would take 3,300 MiB, and its NaN is no matter here."""
    path = tmp_path / "sam3.pt"
    trunk = "detector.backbone.vision_backbone.trunk"
    weight = torch.full((4736, 1024), torch.nan, dtype=torch.float16)
    positions = torch.zeros(1, 577, 1024)
    content = {f"{trunk}.blocks.0.mlp.fc1.weight": weight, f"{trunk}.pos_embed": positions}
    torch.save(content, path)
    reports: list[CheckpointReport] = []
    inspect_checkpoint(bundled_path())  # what it imports
    assert peak_bytes(lambda: reports.append(inspect_checkpoint(path))) < 500 * MEBIBYTE
    (report,) = reports
    assert (report.layout, report.precision) == ("SAM 3", "float16 and float32")
    assert report.parameter_count == weight.numel() + positions.numel()
    assert not report.concepts
    assert not report.clicks
    assert len(report.missing) > 1000


def test_one_of_another_size_is_none(tmp_path: Path) -> None:
    save_file({"detector.geometry_encoder.norm.bias": torch.ones(7)}, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match=r"of shape \(256,\) in a.safetensors, got \(7,\)"):
        inspect_checkpoint(tmp_path / "a.safetensors")


def test_no_name_of_the_network_is_refused() -> None:
    """Though some of them speak of projections and of scales."""
    names = load_file(bundled_path())
    assert len(names) > 600
    check_usable("a.pt", {name: torch.ones(1) for name in names})


def test_the_numbers_of_the_conversion_are_the_files(tmp_path: Path) -> None:
    """The control: with forms alone nothing else changes."""
    save_file(load_file(bundled_path()), tmp_path / "a.safetensors")
    real = read_checkpoint(tmp_path / "a.safetensors").tensors
    forms = read_checkpoint(tmp_path / "a.safetensors", forms_only=True).tensors
    assert {k: (v.shape, v.dtype) for k, v in real.items()} == {
        k: (v.shape, v.dtype) for k, v in forms.items()
    }
    assert all(value.is_meta for value in forms.values())
