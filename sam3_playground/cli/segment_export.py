"""`segment --export`: what was found in each image, written in formats for other programs."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sam3_playground.cli.plan import Task
from sam3_playground.cli.segment_store import FOLDER, ResultStore, is_begun, result_store
from sam3_playground.core.images import RgbImage
from sam3_playground.core.requests import Request
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import RunningWeights
from sam3_playground.errors import InvalidInputError, PlaygroundError
from sam3_playground.formats.exports import Export
from sam3_playground.formats.masks import Way
from sam3_playground.formats.picture import RenderStyle
from sam3_playground.formats.segmented import File, Segmented
from sam3_playground.images import open_image
from sam3_playground.images.originals import original_file
from sam3_playground.outputs import check_outputs, whole_file


@dataclass(frozen=True)
class Done:
    """An image whose result is kept."""

    task: Task
    key: str


@dataclass(frozen=True)
class Exporter:
    """Writes each format into the folder of its name.

    Attributes:
        exports: The formats by their names.
        out: The folder around theirs.
        store: Where results are kept.
        way: How masks are written where a format leaves that open.
        max_pixels: Larger images are refused.
        overwrite: Whether other files may be replaced.
        style: How pictures show what is found; None as most people want it.
    """

    exports: Mapping[str, Export]
    out: Path
    store: ResultStore
    way: Way
    max_pixels: int
    overwrite: bool = False
    style: RenderStyle | None = None

    def write_image(
        self, task: Task, result: Result, image: RgbImage | None
    ) -> Iterator[PlaygroundError]:
        """Write the files of one image; what is drawn on is read where it is not at hand.

        Yields:
            What failed, as `write_all` does.
        """

        @cache
        def pixels() -> RgbImage:
            return image or open_image(task.image, max_pixels=self.max_pixels)

        for name, export in self.exports.items():
            entry = Segmented(
                task.name,
                task.source,
                result,
                load_image=pixels,
                load_original=lambda: original_file(task.image, task.source),
                path=task.image,
                folder=self.out / name,
                way=self.way,
                style=self.style,
            )
            try:
                self._write(name, export.of_image(entry, self._classes))
            except PlaygroundError as error:
                yield error

    def write_all(self, done: Sequence[Done]) -> Iterator[PlaygroundError]:
        """Write the files about all images, in whose order; what fails does not stop others.

        Yields:
            What failed: a file cannot be written, another one stands in its place, or a result
            that was kept is gone.
        """
        for name, export in self.exports.items():
            try:
                self._write(name, export.of_all(self._entries(done), self._classes), of_all=True)
            except PlaygroundError as error:  # noqa: PERF203 (the others are written)
                yield error

    @property
    def folders(self) -> list[Path]:
        """A folder for each format, where its files are."""
        return [self.out / name for name in self.exports]

    @property
    def _classes(self) -> list[str]:
        return list(self.store.request.labels)

    def _entries(self, done: Sequence[Done]) -> Iterator[Segmented]:
        for one in done:
            result = self.store.read(one.key)
            if result is None:
                raise PlaygroundError(
                    f"expected the result for {one.task.image} in {self.store.folder}, got none "
                    "that can be read: start the run again"
                )
            yield Segmented(one.task.name, one.task.source, result, way=self.way)

    def _write(self, name: str, files: Iterable[File], *, of_all: bool = False) -> None:
        for file in files:
            self._write_file(f"{name}/{file.name}", file.chunks, of_all=of_all)

    def _write_file(self, name: str, chunks: Iterable[bytes], *, of_all: bool) -> None:
        path = self.out / name
        with whole_file(path, overwrite=True) as partial:
            with partial.open("wb") as file:
                file.writelines(chunks)
            if not self.overwrite and not self._may_replace(path, partial, name):
                raise PlaygroundError(
                    f"expected no other file at {path}, got one: it is kept "
                    "(--overwrite replaces it)"
                )
            if of_all:
                self.store.note(name, partial)

    def _may_replace(self, path: Path, partial: Path, name: str) -> bool:
        """Where nothing stands, or the same, or what was written there about fewer images."""
        if not path.exists() and not path.is_symlink():
            return True
        return filecmp.cmp(path, partial, shallow=False) or self.store.wrote(name, path)


def exporter_of(
    exports: Mapping[str, Export],
    out: Path,
    request: Request,
    weights: RunningWeights,
    *,
    click_weights: str | None = None,
    way: Way,
    max_pixels: int,
    overwrite: bool = False,
    style: RenderStyle | None = None,
) -> Exporter:
    """An exporter that goes on where a run with the same request and weights was interrupted.

    Raises:
        InvalidInputError: Others have left files in its folders.
    """
    store = result_store(out, request, weights, click_weights)
    check_export_folders(exports, out, request, overwrite=overwrite, store=store)
    return Exporter(exports, out, store, way, max_pixels, overwrite, style)


def check_export_folders(
    names: Iterable[str],
    out: Path,
    request: Request,
    *,
    inputs: Sequence[Path] = (),
    overwrite: bool = False,
    store: ResultStore | None = None,
) -> None:
    """Refuse folders that hold other files, before anything is read or written.

    A run with the same request goes on in its folders: there each file is looked at when it
    would be written.

    Args:
        names: The formats.
        out: The folder around theirs.
        request: What is asked of every image.
        inputs: The files that are going to be read.
        overwrite: Whether files may be replaced; an input never is.
        store: Where results are kept, once the weights are known.

    Raises:
        InvalidInputError: One that holds files, or an input, or cannot be written to.
    """
    folders = [out / name for name in names]
    own = _inputs_in([*folders, out / FOLDER], inputs)
    if own:
        raise InvalidInputError(
            f"expected exports into folders without inputs, got {own[0]} among the inputs"
        )
    goes_on = is_begun(out, request) if store is None else store.is_begun
    if not overwrite and not goes_on:
        check_outputs([folder for folder in folders if _holds_files(folder)])
    check_outputs([folder / ".partial" for folder in [*folders, out / FOLDER]], overwrite=True)


def _inputs_in(folders: Sequence[Path], inputs: Sequence[Path]) -> list[Path]:
    """Those in or below the folders, by whatever names, links and letters' cases."""
    identities = {_identity(folder) for folder in folders} - {None}
    parents: dict[Path, list[Path]] = {}
    for path in inputs:
        parents.setdefault(path.resolve().parent, []).append(path)
    return [
        path
        for parent, paths in parents.items()
        if identities & {_identity(folder) for folder in (parent, *parent.parents)}
        for path in paths
    ]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _holds_files(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
