"""Several images in several formats, image by image; what failed is told in a file beside them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.errors import (
    InvalidInputError,
    OutOfMemoryError,
    PlaygroundError,
    StorageError,
)
from sam3_playground.formats.exports import Export
from sam3_playground.formats.segmented import File, Segmented
from sam3_playground.formats.stored import result_for, result_values

REPORT = "FAILED.txt"
# Results that are kept in memory; more go into a file without a name.
IN_MEMORY = 2**24


@dataclass(frozen=True)
class Failure:
    """What is missing, and why.

    Attributes:
        what: The image, or the format of an image.
        error: Why.
    """

    what: str
    error: PlaygroundError


class Bundle:
    """The files of each format, in a folder of its name. To be closed.

    Memory holds one image at a time, however many there are.

    Args:
        exports: The formats by their names.
        classes: The label of every instance of all images is among them.
    """

    def __init__(self, exports: Mapping[str, Export], classes: Sequence[str]) -> None:
        self._exports = exports
        self._classes = classes
        self._kept = _KeptResults()
        self.failures: list[Failure] = []

    def of_image(self, entry: Segmented) -> Iterator[File]:
        """The files of one image; formats that fail at it are noted and left out.

        Raises:
            StorageError: There is no room for its result.
        """
        self._kept.add(entry)
        for name in self._exports:
            yield from self._in_format(name, entry)

    def _in_format(self, name: str, entry: Segmented) -> Iterator[File]:
        try:
            for file in self._exports[name].of_image(entry, self._classes):
                yield File(f"{name}/{file.name}", file.chunks)
        except PlaygroundError as error:
            self.failed(f"{name} of {entry.source}", error)
        except MemoryError:
            self.failed(f"{name} of {entry.source}", OutOfMemoryError())

    def of_all(self) -> Iterator[File]:
        """The files about all images that there were; each has to be read before the next."""
        for name, export in self._exports.items():
            for file in export.of_all(self._kept, self._classes):
                yield File(f"{name}/{file.name}", file.chunks)

    def failed(self, what: str, error: PlaygroundError) -> None:
        """Note that something is missing: an image, or a format of one."""
        self.failures.append(Failure(what, error))

    def why_nothing(self) -> PlaygroundError:
        """Why there is no file at all: the first failure, or that nothing was found."""
        if self.failures:
            return self.failures[0].error
        names = " or ".join(self._exports)
        return InvalidInputError(f"expected an instance to save as {names}, got none")

    def report(self) -> Iterator[File]:
        """`FAILED.txt`, if anything failed."""
        if self.failures:
            lines = [f"{one.what}: {one.error}\n" for one in self.failures]
            text = "Missing here:\n\n" + "".join(lines)
            yield File(REPORT, [text.encode("utf-8", "replace")])

    def close(self) -> None:
        """Let go of what is kept."""
        self._kept.close()


class _KeptResults:
    """Images without their pixels, to be gone over several times, one at a time."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed in the end)
        self._about: list[tuple[str, str, list[ConceptPrompt | VisualPrompt]]] = []

    def add(self, entry: Segmented) -> None:
        values = result_values(entry.result)
        try:
            self._file.seek(0, 2)
            self._file.write(json.dumps(values).encode() + b"\n")
        except OSError as error:
            raise StorageError(
                "expected room for results on the server, got none: its disk takes no more"
            ) from error
        prompts = [found.prompt for found in entry.result.prompt_results]
        self._about.append((entry.name, entry.source, prompts))

    def __iter__(self) -> Iterator[Segmented]:
        place = 0
        for name, source, prompts in self._about:
            self._file.seek(place)
            values = json.loads(self._file.readline())
            place = self._file.tell()
            yield Segmented(name, source, result_for(values, prompts))

    def close(self) -> None:
        self._file.close()
