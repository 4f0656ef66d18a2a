"""What a file of weights is and can do is told without a network that takes memory."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import read_checkpoint
from sam3_playground.model.config import TINY
from sam3_playground.model.inspecting import CheckpointReport, inspect_checkpoint
from sam3_playground.model.loading import load_runner
from sam3_playground.model.network import build_network
from sam3_playground.model.parts import needed
from sam3_playground.model.refusals import check_usable
from sam3_playground.weights.resolving import bundled_path
from tests.peak import peak_bytes

MEBIBYTE = 2**20


def test_the_bundled_checkpoint() -> None:
    state = build_network(TINY).state_dict()
    numbers = [state[name] for name in needed(state) if state[name].is_floating_point()]
    assert inspect_checkpoint(bundled_path()) == CheckpointReport(
        layout="SAM 3's image model",
        precision="float16",
        parameter_count=sum(value.numel() for value in numbers),
        concepts=True,
        clicks=True,
        missing=(),
        unused=(),
    )


def test_no_network_is_made(tmp_path: Path) -> None:
    """One of the published sizes would take 3,300 MiB."""
    path = tmp_path / "sam3.pt"
    trunk = "detector.backbone.vision_backbone.trunk"
    weight = torch.zeros((4736, 1024), dtype=torch.float16)
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


def test_one_of_another_size_that_says_no_sizes_is_told_what_that_means(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    tensors = load_file(bundled_path())
    save_file(tensors, path)
    said = r"It says no sizes of its own \(no network_config, .* of the size of the SAM 3 that Meta"
    for read in (inspect_checkpoint, load_runner):
        with pytest.raises(CheckpointError, match=said):
            read(path)
    with safe_open(bundled_path(), framework="pt") as file:
        described = file.metadata()
    name = "dot_prod_scoring.hs_proj.bias"
    save_file(tensors | {name: torch.ones(7)}, path, metadata=described)
    with pytest.raises(CheckpointError, match=r"of a network of another size$"):
        inspect_checkpoint(path)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_numbers_that_are_none_are_refused_as_loading_does(value: float, tmp_path: Path) -> None:
    with safe_open(bundled_path(), framework="pt") as file:
        described = file.metadata()
    tensors = load_file(bundled_path())
    save_file(tensors | {"surprise": torch.tensor([value])}, tmp_path / "b.safetensors", described)
    assert inspect_checkpoint(tmp_path / "b.safetensors").unused == ("surprise",)
    tensors["dot_prod_scoring.hs_proj.bias"][-1] = value
    save_file(tensors, tmp_path / "a.safetensors", metadata=described)
    said = []
    for read in (inspect_checkpoint, load_runner):
        with pytest.raises(CheckpointError) as caught:
            read(tmp_path / "a.safetensors")
        said.append(str(caught.value))
    name = "dot_prod_scoring.hs_proj.bias"
    refusal = f"expected finite numbers in a.safetensors, got NaN or infinity in {name}"
    assert said == [refusal, refusal]


def test_no_name_of_the_network_is_refused() -> None:
    """Though some of them speak of projections and of scales."""
    names = build_network(TINY, valueless=True).state_dict()
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
