"""What a file of weights is and can do, told without a network that takes memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from sam3_playground.model.checkpoint import (
    expected_tensors,
    read_checkpoint,
    read_config,
    says_sizes,
)
from sam3_playground.model.checkpoint_file import read_tensors
from sam3_playground.model.fitting import Expected, check_finite, check_forms, is_finite, lacks
from sam3_playground.model.parts import is_of_clicks


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
        CheckpointError: It cannot be read, is no SAM 3 checkpoint, is one of another size, or
            holds NaN or infinity where the network takes numbers.
    """
    found = read_checkpoint(path, forms_only=True)
    expected = expected_tensors(read_config(path))
    check_forms(found, expected, assumed=not says_sizes(path))
    _check_numbers(path, expected)
    used = [tensor for name, tensor in found.tensors.items() if name in expected.learned]
    missing = lacks(found, expected)
    return CheckpointReport(
        layout=found.layout,
        precision=" and ".join(sorted({_kind(tensor) for tensor in used})),
        parameter_count=sum(tensor.numel() for tensor in used),
        concepts=all(is_of_clicks(name) for name in missing),
        clicks=found.clicks and not any(is_of_clicks(name) for name in missing),
        missing=tuple(missing),
        unused=tuple(sorted(found.tensors.keys() - expected.tensors.keys())),
    )


def _check_numbers(path: Path, expected: Expected) -> None:
    """Refuse what loading refuses; files are mapped, and only a faulty one is converted for it."""
    tensors = read_tensors(path).values()
    if not all(is_finite(it) for it in tensors if it.is_floating_point() or it.is_complex()):
        check_finite(read_checkpoint(path), expected)


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
