"""What a file of weights is: what it holds, what it can do, and whether Meta published it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sam3_playground.errors import CheckpointError
from sam3_playground.model.inspecting import CheckpointReport, inspect_checkpoint
from sam3_playground.weights.digests import known_sha256, sha256_of
from sam3_playground.weights.here import found_at
from sam3_playground.weights.published import may_be_published


@dataclass(frozen=True)
class CheckedWeights:
    """What was found in a file of weights.

    Attributes:
        name: The file's.
        byte_count: Its size.
        published: Which of Meta's published files it is; None if it is none that is known.
        sha256: Of the file; None where its size alone says that it is none of them.
        report: What it holds and what it can do.
    """

    name: str
    byte_count: int
    published: str | None
    sha256: str | None
    report: CheckpointReport


def check_weights(path: Path) -> CheckedWeights:
    """Look into a file; no code in it is run, and no network is built that takes memory.

    Raises:
        CheckpointError: It cannot be read, or is no SAM 3 checkpoint.
        StorageError: It cannot be read to its end.
    """
    if not path.is_file():
        raise CheckpointError(f"expected a file of weights, got {path.name}, which is none")
    report = inspect_checkpoint(path)
    if may_be_published(path.stat().st_size):
        sha256_of(path)
    found = found_at(str(path), path.name, path)
    return CheckedWeights(path.name, found.byte_count, found.published, known_sha256(path), report)
