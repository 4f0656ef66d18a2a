"""What circulates and cannot be used is refused with what it is and what to take instead."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from sam3_playground.errors import CheckpointError
from sam3_playground.model import loading
from sam3_playground.model.checkpoint import check_checkpoint
from sam3_playground.model.inspecting import inspect_checkpoint
from sam3_playground.pipeline.loading import load_segmenter

POSITIONS = "detector.backbone.vision_backbone.trunk.pos_embed"
PATCHES = "detector.backbone.vision_backbone.trunk.patch_embed.proj.weight"
LAYER = "detector.transformer.encoder.layers.0."
BASE = {POSITIONS: torch.ones(1, 5, 4), PATCHES: torch.ones(4, 3, 2, 2)}


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("ran"),))


def tensors(**more: Any) -> Callable[[Path], None]:
    """A file with these beside some of a checkpoint's."""
    content = BASE | {name.replace("__", "."): value for name, value in more.items()}
    return lambda path: (
        save_file(content, path) if "safe" in path.name else torch.save(content, path)
    )


def content(head: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(head + bytes(1000))


def weight(value: Tensor, name: str = "linear1.weight") -> Callable[[Path], None]:
    return tensors(**{LAYER + name: value})


def named(*names: str) -> Callable[[Path], None]:
    return tensors(**dict.fromkeys(names, torch.ones(2)))


def save_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Data/com.apple.CoreML/model.mlmodel", b"hello")


def cut(path: Path) -> None:
    named("detector.x")(path)
    path.write_bytes(path.read_bytes()[:-7])


def scripted(path: Path) -> None:
    """As torch writes programs: with their constants beside their pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("code/__torch__.py", "constants.pkl", "data.pkl"):
            archive.writestr(f"a/{name}", b"hello")


PLAIN = "take the file in float32, float16 or bfloat16 that it was made from"
OTHER = "made for another program: take the .pt or .safetensors file"
REFUSED: list[tuple[str, Callable[[Path], Any], str]] = [
    ("page.pt", content(b"<!DOCTYPE html>\n<html>"), "is a web page: its download was answered"),
    ("page.safetensors", content(b"<html>"), "is a web page"),
    (
        "lfs.pt",
        content(b"version https://git-lfs.github.com/spec/v1\n"),
        "a Git LFS pointer: fetch",
    ),
    ("half.pt", cut, r"of [0-9,]+ bytes, which is truncated: the archive's end is missing; fetch"),
    (
        "half.safetensors",
        cut,
        r"is truncated: ([0-9,]+) of (?!\1)[0-9,]+ bytes came; fetch it again",
    ),
    ("m.gguf", content(b"GGUF\3\0\0\0"), f"is a GGUF file, {OTHER}"),
    ("m.pt", content(b"GGUF\3\0\0\0"), "is a GGUF file"),
    ("m.ggml", content(b"lmgg"), f"is a GGML file, {OTHER}"),
    ("sam3-f16.ggml", content(b"\1\2\3\4\5"), "is a GGML file"),
    ("m.onnx", content(b"\x08\x08\x12\x07pytorch\x1a\x052.9.0"), f"is an ONNX file, {OTHER}"),
    ("m.bin", content(b"\x08\x08\x12\x07pytorch\x1a\x052.9.0"), "is an ONNX file"),
    ("m.tflite", content(b"\x1c\0\0\0TFL3"), f"is a LiteRT file, {OTHER}"),
    ("m.h5", content(b"\x89HDF\r\n\x1a\n"), "is an HDF5 file"),
    ("m.pt.gz", content(b"\x1f\x8b\x08"), "is packed with gzip: unpack it first"),
    ("m.tar", content(bytes(257) + b"ustar"), "is packed with tar: unpack it first"),
    ("m.mlpackage.pt", save_archive, "is a zip archive of something else than torch's"),
    ("m.npz", lambda path: np.savez(path, a=np.ones(3)), "is a zip archive of something else"),
    ("script.pt", scripted, "is a TorchScript program: code in it is not run"),
    ("evil.pt", tensors(x=Evil()), r"holds more than tensors \(.*pathlib.Path.*\): code in it"),
    ("evil.bin", lambda path: path.write_bytes(pickle.dumps(Evil())), "code in it is not run"),
    ("net.pt", tensors(x=torch.nn.Linear(2, 2)), r"more than tensors \(torch.nn.*Linear\): code"),
    (
        "lora.pt",
        named(f"{LAYER}linear1.lora.lora_A", f"{LAYER}linear1.lora.lora_B"),
        "LoRA matrices",
    ),
    ("peft.safetensors", named("base_model.model.q.lora_A.weight"), "LoRA matrices: merge them"),
    ("fp8.pt", weight(torch.ones(2, 2).to(torch.float8_e4m3fn)), f"floats of 8 bits.*: {PLAIN}"),
    ("fp8.safetensors", weight(torch.ones(2, 2).to(torch.float8_e5m2)), "floats of 8 bits"),
    ("scaled.safetensors", named(f"{LAYER}linear1.scale_weight"), "8 bits with scales.*: take"),
    ("comfy.safetensors", named("scaled_fp8"), "numbers of 8 bits with scales beside them"),
    ("int8.safetensors", weight(torch.ones(2, 2).to(torch.int8)), f"got quantised ones: {PLAIN}"),
    ("bnb.safetensors", named(f"{LAYER}linear1.weight.absmax"), "got quantised ones"),
    ("mlx-8bit.safetensors", named(f"{LAYER}linear1.scales"), "got quantised ones"),
    ("mlx.safetensors", named(f"{LAYER}self_attn.key_proj.weight"), "got MLX's, whose attention"),
    (
        "mlx2.safetensors",
        tensors(**{PATCHES: torch.ones(4, 2, 2, 3)}),
        "got MLX's, .*: take the file that they were converted from",
    ),
    (
        "mlx3.safetensors",
        tensors(
            **{"a.backbone.embeddings.patch_embeddings.projection.weight": torch.ones(4, 2, 2, 3)}
        ),
        "got MLX's",
    ),
    (
        "sam2.pt",
        lambda path: torch.save({"model": {"image_encoder.x": torch.ones(2)}}, path),
        r"expected a SAM 3 checkpoint \(detector.\*, tracker.\*\) in sam2.pt, got image_encoder.x",
    ),
]


@pytest.mark.parametrize(("name", "write", "words"), REFUSED, ids=[it[0] for it in REFUSED])
def test_it_is_called_by_its_name_before_anything_is_built(
    name: str,
    write: Callable[[Path], Any],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(loading, "build_network", None)
    write(tmp_path / name)
    for ask in (
        lambda path: load_segmenter(path, device="cpu"),
        lambda it: inspect_checkpoint(Path(it)),
    ):
        with pytest.raises(CheckpointError, match=words) as refusal:
            ask(str(tmp_path / name))
        said = str(refusal.value)
        assert said.startswith("expected ")
        assert name in said
        assert len(said) < 300
        for foreign in (str(tmp_path), "\x1b", "torch.load", "weights_only", "Error", "\n"):
            assert foreign not in said
    assert not (tmp_path / "ran").exists()
    assert capfd.readouterr() == ("", "")


def test_the_control_of_them_all(tmp_path: Path) -> None:
    """What they hold beside is a checkpoint, of torch's and of safetensors'."""
    for name in ("a.pt", "a.safetensors"):
        tensors()(tmp_path / name)
        check_checkpoint(tmp_path / name)


def test_of_a_truncated_file_it_is_said_how_much_came(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    tensors()(path)
    whole = path.read_bytes()
    (length,) = struct.unpack("<Q", whole[:8])
    for size in (8 + length + 3, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match=rf"{size:,} of {len(whole):,} bytes came"):
            check_checkpoint(path)
    path.write_bytes(whole[: 8 + length // 2])
    with pytest.raises(CheckpointError, match=rf"{8 + length // 2:,} of {8 + length:,} bytes came"):
        check_checkpoint(path)


@pytest.mark.parametrize("metadata", [5, [1], {"network_config": {"image_size": 84}}, None])
def test_metadata_of_another_type(
    metadata: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "build_network", None)
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": metadata, POSITIONS: entry}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    if metadata is None:  # the control: null stands for none at all
        check_checkpoint(path)
        return
    with pytest.raises(CheckpointError, match=r"a\.safetensors of [0-9]+ bytes, which is"):
        load_segmenter(str(path), device="cpu")


INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("{", "expected an index .* in model.safetensors.index.json, got something else"),
        ("[" * 100_000, "got something else"),
        ("[]", "got no weight_map"),
        ('{"weight_map": {}}', "got no weight_map"),
        ('{"weight_map": ["a.safetensors"]}', "got no weight_map"),
        ('{"weight_map": {"a": 7}}', "got 7 in the place of a file"),
        ('{"weight_map": {"a": "../a.safetensors"}}', "got '../a.safetensors' in the place"),
        ('{"weight_map": {"a": ".."}}', "got '..' in the place of a file"),
        (
            '{"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}',
            "the files that .* got no b",
        ),
        ('{"weight_map": {"a": "model.safetensors.index.json"}}', "which is text"),
    ],
)
def test_an_index_that_leads_nowhere(index: str, words: str, tmp_path: Path) -> None:
    save_file(BASE, tmp_path / "a.safetensors")
    (tmp_path / INDEX).write_text(index)
    for path in (tmp_path / INDEX, tmp_path):
        with pytest.raises(CheckpointError, match=words) as refusal:
            load_segmenter(str(path), device="cpu")
        assert str(tmp_path) not in str(refusal.value)


def test_a_folder_with_one_file_of_weights_is_as_good(tmp_path: Path) -> None:
    """As a hub's snapshot or a program's output has it, beside files of other kinds."""
    save_file(BASE, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "sam3"}))
    check_checkpoint(tmp_path)
    save_file(BASE, tmp_path / "other.safetensors")
    with pytest.raises(
        CheckpointError, match=r"holds 2: model.safetensors, other.safetensors; name"
    ):
        check_checkpoint(tmp_path)
