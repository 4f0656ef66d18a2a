"""Downloads that broke off: which there are, how to go on with them, and when they are given up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sam3_playground.weights.hub import blob_folders
from sam3_playground.weights.partial_file import NOTE_ENDING, PARTIAL_ENDING
from sam3_playground.weights.places import weights_folder
from sam3_playground.weights.remembered import read_object

KEPT_DAYS = 30
_DAY_SECONDS = 86_400
_PLACES = ("", "*/", "*/*/", "*/*/*/")  # as deep as "modelscope", owner, name, file


@dataclass(frozen=True)
class Unfinished:
    """A part of a file of weights.

    Attributes:
        name: For people.
        source: What to give to `get_weights` to go on; empty where it was an address, which may
            hold a secret and is not kept.
        byte_count: How much is here.
        total: Bytes of the whole file; None where nobody said.
        path: The part; what is known of it lies beside it.
    """

    name: str
    source: str
    byte_count: int
    total: int | None
    path: Path


def unfinished_here(folder: Path | None) -> tuple[Unfinished, ...]:
    """The parts that a later download goes on with, by name.

    Args:
        folder: The folder of one's own (SAM3_WEIGHTS_DIR); None takes the default one.
    """
    return tuple(sorted(_parts(weights_folder(folder)), key=lambda it: it.name))


def remove_old(folder: Path | None) -> None:
    """Give up the parts that nothing was added to for `KEPT_DAYS`."""
    eldest = time.time() - KEPT_DAYS * _DAY_SECONDS
    for part in unfinished_here(folder):
        with suppress(OSError):  # gone since, or not ours to remove
            if part.path.stat().st_mtime < eldest:
                part.path.unlink()
                _note_of(part.path).unlink()


def _parts(folder: Path) -> Iterator[Unfinished]:
    folders = [(folder, place) for place in _PLACES] + [(it, "") for it in blob_folders()]
    for within, place in folders:
        for note in within.glob(f"{place}.*{NOTE_ENDING}"):
            path = note.with_name(note.name.removesuffix(NOTE_ENDING) + PARTIAL_ENDING)
            said = read_object(note)
            source, total = said.get("source"), said.get("total")
            if not isinstance(said.get("key"), str) or not path.is_file():
                continue
            source = source if isinstance(source, str) else ""
            name = source or path.name.removeprefix(".").removesuffix(PARTIAL_ENDING)
            with suppress(OSError):  # gone since
                byte_count = path.stat().st_size
                yield Unfinished(
                    name, source, byte_count, total if isinstance(total, int) else None, path
                )


def _note_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(PARTIAL_ENDING) + NOTE_ENDING)
