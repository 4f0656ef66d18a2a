"""Checkpoint files as they lie on a disk: their tensors, or in words what they are instead."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from sam3_playground.errors import CheckpointError, PlaygroundError

_LFS_POINTER = b"version https://git-lfs"
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")
_HEAD_BYTES = 512


def is_safetensors(path: Path) -> bool:
    """Whether a file's name says so; any other is torch's."""
    return path.suffix.lower() == ".safetensors"


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a .safetensors file, or of a .pt file as torch saves it.

    Code in a file is never run. Large files are mapped into memory, not read.

    Raises:
        CheckpointError: No file, or none that holds tensors by name.
    """
    with _reading(path):
        if is_safetensors(path):
            with safe_open(path, framework="pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    if not isinstance(content, dict):
        raise CheckpointError(
            f"expected tensors by name in {path.name}, got {type(content).__name__}"
        )
    return {
        name: value
        for name, value in content.items()
        if isinstance(name, str) and isinstance(value, Tensor)
    }


def read_metadata(path: Path) -> tuple[dict[str, str], int]:
    """What a .safetensors file says of itself, and how many numbers its tensors hold.

    Raises:
        CheckpointError: No such file.
    """
    with _reading(path), safe_open(path, framework="pt") as file:
        shapes = [torch.Size(file.get_slice(name).get_shape()) for name in file.keys()]  # noqa: SIM118
        return file.metadata() or {}, sum(shape.numel() for shape in shapes)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Let only errors in words leave the block.

    A boundary: over a broken file torch's unpickler raises anything from KeyError to
    AssertionError, and its words are for its authors.
    """
    if path.is_dir():
        raise CheckpointError(f"expected a checkpoint file, got the folder {path.name}")
    if not path.is_file():
        raise CheckpointError(f"expected a checkpoint file, got no file {path.name}")
    try:
        yield
    except PlaygroundError:
        raise
    except MemoryError as error:
        raise CheckpointError(f"expected memory to read {path.name}, got too little") from error
    except Exception as error:
        raise CheckpointError(
            f"expected a whole .pt or .safetensors checkpoint, got {path.name}{_fault(path, error)}"
        ) from error


def _fault(path: Path, error: Exception) -> str:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as refusal:
        return f", which cannot be read: {(refusal.strerror or 'the disk fails').lower()}"
    if not size:
        return ", which is empty"
    kind = "which is truncated, broken or of another kind"
    if head.startswith(_LFS_POINTER):
        kind = "which is a Git LFS pointer: fetch the file itself with `git lfs pull`"
    elif head.lstrip().lower().startswith(_WEB_PAGE):
        kind = "which is a web page: its download was answered with something else"
    elif not any(byte < 9 for byte in head):
        kind = "which is text"
    elif isinstance(error, pickle.UnpicklingError):
        kind = "which is broken, or holds more than tensors: code in it is not run"
    return f" of {size:,} bytes, {kind}"
