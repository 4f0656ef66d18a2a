"""What exports are made of: one image with what was found in it, and files that come of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import Instance, Result
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.masks import WAYS, Way
from sam3_playground.formats.names import safe_names
from sam3_playground.formats.picture import RenderStyle


@dataclass(frozen=True)
class File:
    """A file to write.

    Attributes:
        name: Its place below the export's folder, with forward slashes.
        chunks: Its bytes, to be read once, in pieces that may be made meanwhile.
    """

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, eq=False)
class Segmented:
    """One image on its way out.

    Attributes:
        name: The place of its own files, without suffix: safe, and no other image's. Of
            `names.safe_places`.
        source: How files that hold several images call it, with forward slashes.
        result: What was found in it.
        load_image: Gives its pixels to formats that need them; None where nobody has them.
        load_original: Gives the file that it came in, if others see the same image in it: None
            where it has to be turned. None itself where nobody has it.
        path: Where that file lies, for formats that point at it; None where nobody may know.
        folder: Where the format's files will lie, to point from; None where nobody knows.
        way: How masks are written where a format leaves that open.
        style: What is drawn on a picture; None draws what most people want.
        slots: The prompts' places in the palette, as `picture.colours_of` has them.
    """

    name: str
    source: str
    result: Result
    load_image: Callable[[], RgbImage] | None = None
    load_original: Callable[[], bytes | None] | None = None
    path: Path | None = None
    folder: Path | None = None
    way: Way = field(default=WAYS["auto"])
    style: RenderStyle | None = None
    slots: Mapping[str, int] | None = None

    @property
    def image(self) -> RgbImage:
        """Its pixels.

        Raises:
            InvalidInputError: Nobody has them.
        """
        if self.load_image is None:
            raise InvalidInputError("expected an image with its result, got the result alone")
        return self.load_image()

    @property
    def shown(self) -> list[Instance]:
        """The instances that have a pixel, prompt after prompt."""
        return [item for item in self.result.instances if not item.mask.is_empty]

    @property
    def instance_names(self) -> list[str]:
        """A file name for each of `shown`: its number from 001 and its concept."""
        return safe_names(
            f"{number:03}-{item.label}" for number, item in enumerate(self.shown, start=1)
        )

    def seen_from(self, name: str) -> str:
        """The image's path as a file of that name in the export's folder has it."""
        if self.path is None or self.folder is None:
            return PurePosixPath(self.source).name
        start = (self.folder / name).parent
        try:
            return Path(os.path.relpath(self.path.absolute(), start.absolute())).as_posix()
        except ValueError:  # on another drive
            return self.path.absolute().as_posix()


def class_places(classes: Sequence[str]) -> dict[str, int]:
    """The place of each class, from 0."""
    return {label: place for place, label in enumerate(classes)}


def nothing_of_image(_: Segmented, __: Sequence[str]) -> Iterator[File]:
    """Of formats whose files hold several images."""
    return iter(())


def nothing_of_all(_: Iterable[Segmented], __: Sequence[str]) -> Iterator[File]:
    """Of formats whose files hold one image each."""
    return iter(())
