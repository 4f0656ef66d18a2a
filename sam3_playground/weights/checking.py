"""What a file of weights is: what it holds, what it can do, and whether Meta published it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sam3_playground.model.shards import check_kinds, weight_files
from sam3_playground.weights.digests import sha256_of
from sam3_playground.weights.published import may_be_published, published_by

if TYPE_CHECKING:
    from sam3_playground.model.inspecting import CheckpointReport


@dataclass(frozen=True)
class CheckedWeights:
    """What was found in a file of weights.

    Attributes:
        name: The file's.
        byte_count: Its size; of all its files, if it is in several.
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
    """Look into a file, the index of several, or a folder that holds either.

    No code in it is run, and no network is built that takes memory.

    Raises:
        CheckpointError: It cannot be read, is no SAM 3 checkpoint, or holds NaN or infinity.
        StorageError: It cannot be read to its end.
    """
    check_kinds(path)  # before what takes seconds to import
    from sam3_playground.model.inspecting import inspect_checkpoint

    report = inspect_checkpoint(path)
    files = weight_files(path)
    byte_count = sum(file.stat().st_size for file in files)
    published = sha256 = None
    if len(files) == 1 and may_be_published(byte_count):
        sha256 = sha256_of(files[0])
        published = published_by(sha256)
    return CheckedWeights(
        name=path.name,
        byte_count=byte_count,
        published=None if published is None else published.name,
        sha256=sha256,
        report=report,
    )
