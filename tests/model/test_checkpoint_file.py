"""What people give as weights and is none is called by its name; no broken file is a mystery."""

from __future__ import annotations

import errno
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from sam3_playground.errors import CheckpointError, PlaygroundError
from sam3_playground.model import loading
from sam3_playground.model.checkpoint import (
    check_checkpoint,
    read_config,
)
from sam3_playground.model.checkpoint_file import read_metadata
from sam3_playground.model.config import PUBLISHED, TINY, NetworkConfig
from sam3_playground.model.network import build_network
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights.resolving import bundled_path

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 3445782528\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n"
NAME = "backbone.vision_backbone.trunk.pos_embed"


def silent(_: str) -> None:
    """Say nothing."""


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".bin"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "which is empty"),
        (b"hello, weights\n" * 100, "of 1,500 bytes, which is text"),
        (POINTER, "of [0-9]+ bytes, which is a Git LFS pointer: .*git lfs pull"),
        (PAGE, "of [0-9]+ bytes, which is a web page"),
        (b"\n  " + PAGE.lower(), "of [0-9]+ bytes, which is a web page"),
        (b"\0" * 4000, "of 4,000 bytes, which is (truncated|broken)"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\1" * 99, "bytes, which is (truncated|broken)"),
        (struct.pack("<Q", 2**60) + b"{}", "of 10 bytes, which is (truncated|broken)"),
    ],
    ids=["empty", "text", "pointer", "page", "page, untidy", "zeros", "picture", "header"],
)
def test_what_is_no_checkpoint_is_called_by_its_name(
    suffix: str, content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a network is built for it, which takes minutes at the published size."""
    monkeypatch.setattr(loading, "build_network", None)
    path = tmp_path / f"some{suffix}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=words) as refusal:
        load_segmenter(str(path), device="cpu", say=silent)
    assert "some" + suffix in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ""])
def test_a_folder_is_called_a_folder(suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / f"weights{suffix}"
    folder.mkdir()
    with pytest.raises(PlaygroundError, match=f"'weights{suffix}', which is a folder"):
        load_segmenter(str(folder), device="cpu", say=silent)
    with pytest.raises(CheckpointError, match=f"got the folder weights{suffix}"):
        check_checkpoint(folder)


@pytest.mark.parametrize("name", ["nothing.pt", "a" * 5000, "nobody\0.pt", "~nobody/x.pt", ""])
def test_what_is_not_there_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(PlaygroundError, match="expected a checkpoint file, a hub id") as refusal:
        load_segmenter(f"{tmp_path}/{name}" if name else "", device="cpu", say=silent)
    assert str(tmp_path) not in str(refusal.value)


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"hello")
    with pytest.raises(CheckpointError, match=r"holds more than tensors|broken"):
        check_checkpoint(tmp_path / "a.pt")


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ("{", "expected JSON in the network_config of a.safetensors"),
        ("", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("null", "expected an object .* got None"),
        ("[1, 2]", "expected an object .* got \\[1, 2\\]"),
        ('"tiny"', "expected an object .* got 'tiny'"),
        ('{"image_size": "588"}', "expected image_size to be a whole number .* got '588'"),
        ('{"image_size": null}', "expected image_size to be a whole number .* got None"),
        ('{"image_size": 588.0}', "expected image_size to be a whole number .* got 588.0"),
        ('{"image_size": true}', "expected image_size to be a whole number .* got True"),
        ('{"image_size": 1e999}', "expected image_size to be a whole number .* got inf"),
        ('{"patch_size": 0}', "expected patch_size to be a whole number from 1 .* got 0"),
        ('{"vit_window": -6}', "expected vit_window to be a whole number from 1 .* got -6"),
        ('{"vit_depth": 1000000000}', "expected vit_depth .* from 1 to 128, got 1000000000"),
        (f'{{"vit_width": {10**3000}}}', "expected vit_width .* got a huge number"),
        ('{"vit_mlp_ratio": NaN}', "expected vit_mlp_ratio to be a number .* got nan"),
        ('{"dropout": "none"}', "expected dropout to be a number from 0 to 1, got 'none'"),
        ('{"vit_global_blocks": 7}', "expected vit_global_blocks to be a list of layers, got 7"),
        ('{"vit_global_blocks": ["7"]}', "expected vit_global_blocks to be a list of layers"),
        ('{"wings": 2}', "got also \\['wings'\\]"),
        ('{"image_size": 8192, "patch_size": 1}', "grid of at most 256 patches a side, got 8192"),
        ("{}", "expected at least 76[0-9],[0-9]{3},[0-9]{3} numbers in a.safetensors, .* got 3"),
    ],
)
def test_sizes_that_no_network_has(described: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({NAME: torch.ones(3)}, path, metadata={"network_config": described})
    with pytest.raises(CheckpointError, match=words) as refusal:
        read_config(path)
    assert len(str(refusal.value)) < 300


def test_sizes_that_do_not_go_together_are_found_when_the_network_is_built(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    sizes = {**TINY.to_json(), "heads": 7}
    content = {NAME: torch.ones(TINY.least_parameters)}
    save_file(content, path, metadata={"network_config": json.dumps(sizes)})
    with pytest.raises(CheckpointError, match="that do not go together"):
        load_segmenter(str(path), device="cpu", say=silent)


def test_no_network_has_fewer_parameters_than_are_asked_for() -> None:
    held = read_metadata(bundled_path())[1]
    learned = sum(value.numel() for value in build_network(TINY).parameters())
    assert learned // 4 < TINY.least_parameters <= min(learned, held)
    # The published network has 840 million.
    assert 700_000_000 < PUBLISHED.least_parameters < 840_000_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


@given(values=VALUES | st.dictionaries(st.sampled_from(sorted(TINY.to_json())), VALUES))
def test_any_json_is_a_configuration_or_refused(values: Any) -> None:
    try:
        config = NetworkConfig.from_json(values)
    except CheckpointError as error:
        assert str(error).startswith("expected ")  # noqa: PT017
    else:
        assert NetworkConfig.from_json(config.to_json()) == config


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Small files of both kinds, to be broken."""
    folder = tmp_path_factory.mktemp("whole")
    content = {NAME: torch.ones(2, 3), "backbone.x": torch.arange(4.0)}
    saved = {"model": content, "epoch": 3, 4: "a key that is no name"}
    torch.save(saved, folder / "a.pt")
    torch.save(saved, folder / "a.pth", _use_new_zipfile_serialization=False)
    metadata = {"network_config": json.dumps(TINY.to_json())}
    save_file(content, folder / "a.safetensors", metadata=metadata)
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def test_the_whole_ones_are_read(whole_files: dict[str, bytes], tmp_path: Path) -> None:
    for suffix, content in whole_files.items():
        (tmp_path / f"a{suffix}").write_bytes(content)
        check_checkpoint(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
    length=st.floats(0, 1),
)
def test_a_broken_file_is_an_error_in_words(
    suffix: str,
    changes: list[tuple[float, int]],
    length: float,
    whole_files: dict[str, bytes],
    tmp_path: Path,
) -> None:
    content = bytearray(whole_files[suffix])
    for place, value in changes:
        content[int(place * len(content))] = value
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content[: len(content) if length > 0.5 else int(2 * length * len(content))])
    for words in (refusal(check_checkpoint, path), refusal(read_config, path)):
        assert path.name in (words or path.name)
        assert str(tmp_path) not in (words or "")


def refusal(read: Callable[[Path], Any], path: Path) -> str | None:
    """What is said of a file that is not taken; nothing else may be raised."""
    try:
        read(path)
    except CheckpointError as error:
        return str(error)
    return None


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = tmp_path / "a.pt"
    path.touch()
    # Nothing is forbidden to root, as whom tests may run.
    monkeypatch.setattr(torch, "load", forbid)
    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(CheckpointError, match=r"a.pt, which cannot be read: permission denied"):
        check_checkpoint(path)
