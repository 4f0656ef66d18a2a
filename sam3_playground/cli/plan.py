"""Which images are meant, and which files each goes to, decided before the first one is read."""

from __future__ import annotations

import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from PIL import Image

from sam3_playground.errors import InvalidImageError
from sam3_playground.formats.names import distinct, folded, safe_places
from sam3_playground.images import FORMATS


@dataclass(frozen=True)
class Task:
    """One image, and where what is found in it goes.

    Attributes:
        image: The file to read.
        folder: Where it lies in the folder that was named, `.` for a file that was named.
        picture: The file for the image with the results drawn over it; None writes none.
        document: The file for the JSON; None writes none.
        name: The place of its files in an export, without suffix; empty without one.
        source: How an export calls it.
    """

    image: Path
    folder: Path = Path()
    picture: Path | None = None
    document: Path | None = None
    name: str = ""
    source: str = ""

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The files that are written."""
        return tuple(path for path in (self.picture, self.document) if path is not None)


def find_images(
    named: Sequence[Path], *, recursive: bool = False, out: Path | None = None
) -> list[Task]:
    """A task for each image that is meant, once, in the order named.

    Args:
        named: Files, folders and patterns such as `*.jpg` or `**/*.png`. Of a folder the files
            with an image's suffix, in natural order; hidden ones are left out. A pattern means
            the files that match it, unless a file has that very name.
        recursive: Whether folders inside folders are looked into; links to folders are not.
        out: Where outputs go: a folder inside the one that is looked into is left out.

    Raises:
        InvalidImageError: A folder without images, or one that cannot be read.
    """
    tasks: dict[Path, Task] = {}
    for entry in named:
        for task in _tasks(entry, recursive=recursive, out=out):
            tasks.setdefault(task.image.absolute(), task)
    return list(tasks.values())


def _tasks(entry: Path, *, recursive: bool, out: Path | None) -> Iterable[Task]:
    if _is_folder(entry):
        found = [
            Task(path, path.parent.relative_to(entry))
            for path in _images_in(entry, recursive=recursive, out=out)
        ]
        if not found:
            hint = "" if recursive else " (--recursive looks into the folders inside)"
            raise InvalidImageError(f"expected images in {entry}{hint}, got none")
        return found
    if has_magic(str(entry)) and _kind(entry) is None:
        matches = map(Path, glob(str(entry), recursive=True))  # noqa: PTH207 (Path's own takes no absolute pattern)
        found = [Task(path) for path in sorted(matches, key=_natural) if not _is_folder(path)]
        # Without a match it is an image that is missing, as after a shell.
        return found or [Task(entry)]
    return [Task(entry)]


def _images_in(folder: Path, *, recursive: bool, out: Path | None) -> Iterator[Path]:
    """Images right in the folder, then those of the folders in it."""
    try:
        entries = sorted(folder.iterdir(), key=_natural)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise InvalidImageError(f"expected a folder of images, got {folder}: {reason}") from error
    shown = [path for path in entries if not path.name.startswith(".")]
    suffixes = image_suffixes()
    for path in shown:
        # A link that leads nowhere is an image that is missing; pipes and devices are none.
        if path.suffix.lower() in suffixes and _kind(path) in {stat.S_IFREG, None}:
            yield path
    for path in shown if recursive else ():
        if _is_folder(path) and not path.is_symlink() and not (out and _is_same(path, out)):
            yield from _images_in(path, recursive=True, out=out)


def image_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, of files in the formats that are opened."""
    return frozenset(
        suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS
    )


def plan_outputs(tasks: Sequence[Task], out: Path | None) -> list[Task]:
    """The tasks with their outputs, in the folders of the images; without `out` they have none."""
    if out is None:
        return list(tasks)
    places = output_names([task.image for task in tasks], [task.folder for task in tasks])
    return [
        replace(task, picture=out / f"{place}.png", document=out / f"{place}.json")
        for task, place in zip(tasks, places, strict=True)
    ]


def output_names(paths: Sequence[Path], folders: Sequence[Path] = ()) -> list[str]:
    """A stem for each image's outputs; equal ones get numbers, as `distinct` says.

    Args:
        paths: The images.
        folders: For each the folder that its outputs lie in, below that of all; none puts them
            all together.
    """
    pairs = zip(paths, folders or [Path()] * len(paths), strict=True)
    return distinct([(str(folder / "_")[:-1], path.stem) for path, folder in pairs])


def plan_exports(tasks: Sequence[Task]) -> list[Task]:
    """The tasks with their names for exports; no two have the same.

    An image is called by its path below the folder that was named, or, where another one has
    that too, by its path as it was named.
    """
    below = [task.folder / task.image.name for task in tasks]
    count = Counter(folded(path.as_posix()) for path in below)
    return [
        replace(
            task,
            name=name,
            source=(path if count[folded(path.as_posix())] == 1 else task.image).as_posix(),
        )
        for task, path, name in zip(tasks, below, safe_places(below), strict=True)
    ]


def _natural(path: Path) -> list[tuple[int, str]]:
    """Orders `image9` before `image10`, whatever the case of letters."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [(int(part) if part.isdecimal() else 0, part) for part in parts]


def _kind(path: Path) -> int | None:
    """What a path leads to, as the file type of its mode; None where that is nothing."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except OSError:
        return None


def _is_folder(path: Path) -> bool:
    return _kind(path) == stat.S_IFDIR


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
