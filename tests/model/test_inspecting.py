"""What a file of weights is and can do is told without its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import read_checkpoint
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.inspecting import CheckpointReport, inspect_checkpoint
from sam3_playground.model.network import build_network, parameter_count
from sam3_playground.model.refusals import check_usable
from sam3_playground.weights.resolving import bundled_path
from tests.model.conftest import random_network
from tests.model.layout_files import LEAST, released, whole
from tests.model.transformers_models import video_model
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


def test_numbers_of_several_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sam3_playground.model.inspecting.read_config", lambda _: LEAST)
    content = released(whole(random_network(config=LEAST)))
    norm = "detector.transformer.decoder.norm.weight"
    content = {k: v if k == norm else v.half() for k, v in content.items() if not v.is_complex()}
    save_file(content, tmp_path / "a.safetensors")
    assert inspect_checkpoint(tmp_path / "a.safetensors").precision == "float16 and float32"


def test_nothing_is_read_but_headers(tmp_path: Path) -> None:
    """A file of the published sizes takes next to no memory, and NaN is no matter."""
    path = tmp_path / "sam3.pt"
    name = "detector.backbone.vision_backbone.trunk.pos_embed"
    whole_vit = {
        f"detector.backbone.vision_backbone.trunk.blocks.{place}.mlp.fc1.weight": torch.full(
            (4736, 1024), torch.nan, dtype=torch.float16
        )
        for place in range(8)
    }
    torch.save(whole_vit | {name: torch.zeros(1, 577, 1024)}, path)
    assert path.stat().st_size > 64 * MEBIBYTE
    del whole_vit
    reports: list[CheckpointReport] = []
    inspect_checkpoint(bundled_path())  # what it imports
    assert peak_bytes(lambda: reports.append(inspect_checkpoint(path))) < 48 * MEBIBYTE
    (report,) = reports
    assert report.layout == "SAM 3"
    assert report.parameter_count == 8 * 4736 * 1024 + 577 * 1024
    assert not report.concepts
    assert not report.clicks
    assert len(report.missing) > 1000


def test_one_of_another_size_is_none(tmp_path: Path) -> None:
    save_file({"detector.geometry_encoder.norm.bias": torch.ones(7)}, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match=r"of shape \(256,\) in a.safetensors, got \(7,\)"):
        inspect_checkpoint(tmp_path / "a.safetensors")


@pytest.mark.parametrize("names", ["package", "transformers"])
def test_no_name_of_the_published_network_is_refused(names: str, tmp_path: Path) -> None:
    """Though some of them speak of projections and of scales."""
    with torch.device("meta"):
        model: Any = video_model(PUBLISHED) if names == "transformers" else None
    state = model.state_dict() if model is not None else load_file(bundled_path())
    assert len(state) > 600
    check_usable("a.pt", {name: torch.ones(1) for name in state})


def test_the_numbers_of_the_conversion_are_the_files(tmp_path: Path) -> None:
    """The control: with forms alone nothing else changes."""
    save_file(load_file(bundled_path()), tmp_path / "a.safetensors")
    real = read_checkpoint(tmp_path / "a.safetensors").tensors
    forms = read_checkpoint(tmp_path / "a.safetensors", forms_only=True).tensors
    assert {k: (v.shape, v.dtype) for k, v in real.items()} == {
        k: (v.shape, v.dtype) for k, v in forms.items()
    }
    assert all(value.is_meta for value in forms.values())
