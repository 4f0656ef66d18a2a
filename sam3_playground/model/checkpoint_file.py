"""Checkpoint files as they lie on a disk: their tensors, or in words what they are instead."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from sam3_playground.errors import CheckpointError, PlaygroundError
from sam3_playground.model.file_kinds import FileKind, kind_of, not_read, shown_name
from sam3_playground.model.shards import weight_files
from sam3_playground.quiet import Kind, quiet

# A file is taken or refused, whatever torch warns of on the way.
_WARNINGS = tuple(map(Kind, (UserWarning, FutureWarning, DeprecationWarning)))

# Under which of these a file may keep its tensors, beside an optimiser and the like.
_INNER = ("model", "state_dict", "model_state_dict")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint by the names that its files give them.

    Code in a file is never run. Large files are mapped into memory, not read; only what torch
    wrote before its version 1.6 has to be.

    Args:
        path: A .safetensors file, or one as torch saves it, whatever its name; the index of
            several, or the folder that they are in.

    Raises:
        CheckpointError: No file, or none that holds tensors by name.
    """
    tensors: dict[str, Tensor] = {}
    for file in weight_files(path):
        tensors.update(_tensors(file))
    return tensors


def read_metadata(path: Path) -> tuple[dict[str, str], int]:
    """What a checkpoint says of itself, and how many numbers its tensors hold.

    Only .safetensors files say anything; of others it is nothing, and 0.

    Raises:
        CheckpointError: No such file, or one that is broken.
    """
    said: dict[str, str] = {}
    held = 0
    for file in weight_files(path):
        if kind_of(file) is FileKind.SAFETENSORS:
            with _reading(file), safe_open(file, framework="pt") as content:
                names = list(content.keys())
                shapes = [torch.Size(content.get_slice(name).get_shape()) for name in names]
                said.update(content.metadata() or {})
                held += sum(shape.numel() for shape in shapes)
    return said, held


def _tensors(path: Path) -> dict[str, Tensor]:
    kind = kind_of(path)
    with _reading(path):
        if kind is FileKind.SAFETENSORS:
            with safe_open(path, framework="pt") as file:
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if kind is FileKind.ZIP:
            _check_archive(path)
        content = _unpickled(path, mapped=kind is FileKind.ZIP)
    for _ in _INNER:
        if isinstance(content, dict):
            inner = (content[key] for key in _INNER if isinstance(content.get(key), dict))
            content = next(inner, content)
    if not isinstance(content, dict):
        raise CheckpointError(
            f"expected tensors by name in {shown_name(path)}, got {type(content).__name__}"
        )
    return {
        name: value
        for name, value in content.items()
        if isinstance(name, str) and isinstance(value, Tensor)
    }


def _unpickled(path: Path, *, mapped: bool) -> Any:
    options: dict[str, Any] = {"map_location": "cpu", "weights_only": True}
    with torch.serialization.safe_globals(_BESIDE), quiet(*_WARNINGS):
        if mapped and path.suffix != ".safetensors":
            return torch.load(path, mmap=True, **options)
        # Torch maps no other files, and reads a name that ends so as what it says.
        with path.open("rb") as file:
            return torch.load(file, **options)


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    if "constants.pkl" in names:
        raise not_read(path, "is a TorchScript program: code in it is not run")
    if "data.pkl" not in names:
        raise not_read(path, "is a zip archive of something else than torch's")


class _Ignored:
    """Stands for what a training program notes beside the weights in NumPy's numbers.

    It takes what the pickle has for it and forgets it: nothing of NumPy's is called.
    """

    def __init__(self, *_args: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass


# Losses and best scores, and the state of NumPy's random numbers, under its names old and new.
_BESIDE: list[Any] = [
    (_Ignored, name)
    for name in (
        "numpy.dtype",
        "numpy.ndarray",
        *(
            f"numpy.{core}.multiarray.{function}"
            for core in ("core", "_core")
            for function in ("scalar", "_reconstruct")
        ),
        *(
            f"numpy.dtypes.{kind}DType"
            for kind in ("Bool", "Int32", "Int64", "UInt32", "UInt64", "Float16", "Float32")
        ),
        "numpy.dtypes.Float64DType",
    )
]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Let only errors in words leave the block.

    A boundary: over a broken file torch's unpickler raises anything from KeyError to
    AssertionError, and its words are for its authors.
    """
    try:
        yield
    except PlaygroundError:
        raise
    except MemoryError as error:
        raise CheckpointError(
            f"expected memory to read {shown_name(path)}, got too little"
        ) from error
    except Exception as error:
        raise not_read(path, _fault(path, error), size=path.stat().st_size) from error


def _fault(path: Path, error: Exception) -> str:
    if not isinstance(error, pickle.UnpicklingError):
        return "is truncated, broken or of another kind"
    try:
        wanted = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (ValueError, LookupError, RuntimeError, pickle.UnpicklingError):
        wanted = []
    if not wanted:
        return "is broken, or holds more than tensors: code in it is not run"
    names = ", ".join(ascii(name[:60])[1:-1] for name in wanted[:3])
    return (
        f"holds more than tensors ({names}): code in it is not run; "
        "let the program that made it save its state dict alone"
    )
