"""Which image goes to which files, decided before the first one is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One image, and where what is found in it goes.

    Attributes:
        image: The file to read.
        picture: The file for the image with the results drawn over it; None writes none.
        document: The file for the JSON; None writes none.
    """

    image: Path
    picture: Path | None = None
    document: Path | None = None

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The files that are written."""
        return tuple(path for path in (self.picture, self.document) if path is not None)


def plan_outputs(images: Sequence[Path], out: Path | None) -> list[Task]:
    """A task for each image; without a folder none of them writes a file."""
    if out is None:
        return [Task(path) for path in images]
    return [
        Task(path, out / f"{name}.png", out / f"{name}.json")
        for path, name in zip(images, output_names(images), strict=True)
    ]


def output_names(paths: Sequence[Path]) -> list[str]:
    """A stem for each image's outputs; equal stems get numbers.

    Stems are equal too where only some file systems tell them apart: by the case of their
    letters, or by how accents are composed.
    """
    taken: set[str] = set()
    names = []
    for path in paths:
        name, number = path.stem, 1
        while _folded(name) in taken:
            number += 1
            name = f"{path.stem}-{number}"
        taken.add(_folded(name))
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
