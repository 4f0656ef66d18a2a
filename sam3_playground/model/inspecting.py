"""What a file of weights is and can do, told without a network that takes memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from sam3_playground.model.checkpoint import (
    canonical_names,
    expected_tensors,
    is_of_clicks,
    needed_names,
    read_config,
)
from sam3_playground.model.checkpoint_file import read_tensors


@dataclass(frozen=True)
class CheckpointReport:
    """A file of weights that could be loaded, or how much of it lacks.

    Attributes:
        layout: What its layout is called, for people.
        precision: The kinds of its numbers, such as "float16 and float32".
        parameter_count: How many numbers of it the network takes.
        concepts: Whether it answers concepts.
        clicks: Whether it answers visual prompts.
        missing: Parameters, by the network's own names, that it lacks although results depend
            on them; empty if it can be loaded.
        unused: Its entries that the image model has no place for.
    """

    layout: str
    precision: str
    parameter_count: int
    concepts: bool
    clicks: bool
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def inspect_checkpoint(path: Path) -> CheckpointReport:
    """Look at a file of weights; no code in it is run.

    Raises:
        CheckpointError: It cannot be read, is no SAM 3 checkpoint, or one of another size.
    """
    tensors = read_tensors(path)
    found = canonical_names(tensors)
    expected = expected_tensors(read_config(path))
    used = {name: tensor for name, tensor in found.items() if name in expected}
    missing = tuple(name for name in needed_names(expected) if name not in found)
    return CheckpointReport(
        layout="SAM 3",
        precision=" and ".join(sorted({_kind(tensor) for tensor in used.values()})),
        parameter_count=sum(tensor.numel() for tensor in used.values()),
        concepts=not any(not is_of_clicks(name) for name in missing),
        clicks=not any(is_of_clicks(name) for name in missing),
        missing=missing,
        unused=tuple(sorted(set(found) - set(expected))),
    )


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
