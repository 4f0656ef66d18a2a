"""Files that do not fit the network say so, and fill nothing by halves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from sam3_playground.errors import CheckpointError
from sam3_playground.model.checkpoint import (
    load_checkpoint,
    read_config,
    write_checkpoint,
)
from sam3_playground.model.config import PUBLISHED, TINY
from sam3_playground.model.network import build_network
from tests.model.layout_files import learned, released


def write(path: Path, content: dict[str, Any]) -> Path:
    if path.suffix == ".safetensors":
        save_file({k: v.contiguous().clone() for k, v in content.items()}, path)
    else:
        torch.save(content, path)
    return path


@pytest.fixture(scope="module")
def blank() -> Any:
    """A network that every test overwrites."""
    return build_network(TINY)


@pytest.mark.parametrize(
    "lost",
    [
        "detector.backbone.vision_backbone.trunk.pos_embed",
        "detector.transformer.decoder.presence_token.weight",
        "tracker.no_mem_embed",
        "tracker.sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        "detector.backbone.vision_backbone.sam2_convs.0.conv_1x1.bias",
    ],
)
def test_a_parameter_that_results_depend_on_is_never_left_at_random(
    lost: str, network: Any, blank: Any, tmp_path: Path
) -> None:
    content = released(learned(network))
    del content[lost]
    with pytest.raises(CheckpointError, match="got none for 1 of them"):
        load_checkpoint(blank, write(tmp_path / "a.pt", content))


def test_entries_too_many_are_one_line_of_report(network: Any, blank: Any, tmp_path: Path) -> None:
    content = released(learned(network)) | {"detector.extra": torch.ones(1)}
    report = load_checkpoint(blank, write(tmp_path / "a.pt", content))
    assert report.unused == ("extra",)
    assert "\n" not in report.summary
    assert "1 entries" in report.summary


def test_wrong_size_says_both_shapes(network: Any, blank: Any, tmp_path: Path) -> None:
    content = released(learned(network))
    name = "detector.geometry_encoder.norm.bias"
    content[name] = torch.zeros(7)
    with pytest.raises(CheckpointError, match=r"\(96,\).*\(7,\)"):
        load_checkpoint(blank, write(tmp_path / "a.pt", content))


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_truncated_file_is_an_error_with_its_size(
    suffix: str, network: Any, blank: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / f"a{suffix}", released(learned(network)))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match="5,000 bytes"):
        load_checkpoint(blank, path)


@pytest.mark.parametrize(
    "content",
    [{"weights": torch.ones(2)}, {}, torch.ones(3), {"model": 4}],
    ids=["names", "empty", "tensor", "no tensors"],
)
def test_foreign_file_is_refused(content: Any, blank: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="expected"):
        load_checkpoint(blank, path)


def test_code_in_a_file_is_not_run(blank: Any, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"backbone.x": Evil()}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError):
        load_checkpoint(blank, tmp_path / "a.pt")
    assert not (tmp_path / "ran").exists()


def test_no_file_and_text_file(blank: Any, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no file"):
        load_checkpoint(blank, tmp_path / "nothing.pt")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(CheckpointError, match="5 bytes"):
        load_checkpoint(blank, tmp_path / "text.pt")


def test_a_written_checkpoint_carries_its_sizes(network: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    write_checkpoint(path, network, TINY)
    assert read_config(path) == TINY
    assert read_config(write(tmp_path / "released.pt", {"a": torch.ones(1)})) == PUBLISHED
