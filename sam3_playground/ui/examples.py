"""The examples that the page offers, from assets/examples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sam3_playground.bundled import bundled_folder
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.scaling import shrink
from sam3_playground.images import open_image
from sam3_playground.ui.overlay import jpeg_of

THUMBNAIL_SIDE = 200
THUMBNAIL_QUALITY = 80
# Photographs with their sources, and scenes that the project draws.
LISTS = ("photographs.json", "examples.json")


@dataclass(frozen=True)
class Example:
    """One picture to try.

    Attributes:
        path: The image file.
        title: What is in it.
        kind: "scene" is drawn, which the bundled checkpoint knows; "photo" is not.
        concepts: Words that suit it.
        click: (x, y) of a point on an object, in image pixels; None where nobody named one.
    """

    path: Path
    title: str
    kind: str
    concepts: tuple[str, ...]
    click: tuple[float, float] | None = None

    @cached_property
    def thumbnail(self) -> bytes:
        """A small JPEG of it."""
        return jpeg_of(shrink(open_image(self.path), THUMBNAIL_SIDE).pixels, THUMBNAIL_QUALITY)


def read_examples(folder: Path | None = None) -> tuple[Example, ...]:
    """The examples that a folder's lists name; none where there are no such lists."""
    folder = folder or bundled_folder("examples")
    if folder is None:
        return ()
    lists = [folder / name for name in LISTS if (folder / name).is_file()]
    entries = [entry for path in lists for entry in json.loads(path.read_text(encoding="utf-8"))]
    return tuple(
        Example(
            path=folder / entry["file"],
            title=entry["title"],
            kind=entry.get("kind", "scene"),
            concepts=tuple(entry.get("concepts", ())),
            click=tuple(entry["clicks"][0]) if entry.get("clicks") else None,
        )
        for entry in entries
    )


def example_named(examples: Sequence[Example], name: str) -> Example:
    """The example of that file name.

    Raises:
        InvalidInputError: There is none.
    """
    for example in examples:
        if example.path.name == name:
            return example
    raise InvalidInputError(f"expected the name of an example, got {name!r}")
