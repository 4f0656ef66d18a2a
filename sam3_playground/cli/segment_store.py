"""Results of a run beside its exports, so that it goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from sam3_playground import __version__
from sam3_playground.core.requests import Request
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import RunningWeights
from sam3_playground.errors import InvalidFileError
from sam3_playground.formats.stored import result_from, result_values
from sam3_playground.outputs import whole_file
from sam3_playground.weights.resolving import WeightsInfo

FOLDER = ".sam3-results"
_WRITTEN = "written"
_CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class ResultStore:
    """A file for each image, named by what the image's file holds; a changed one is another.

    Attributes:
        folder: Of one request and the weights that answer it.
        request: What every result answers.
    """

    folder: Path
    request: Request

    @property
    def is_begun(self) -> bool:
        """Whether a run with this request and these weights has left something."""
        return self.folder.is_dir()

    def key_of(self, path: Path) -> str:
        """What an image's result is kept under; nobody finds that of a pipe again."""
        try:
            return _digest_of(path) if path.is_file() else secrets.token_hex(16)
        except (OSError, ValueError):  # whoever opens the image says what is wrong
            return secrets.token_hex(16)

    def read(self, key: str) -> Result | None:
        """The result of an image; None where there is none, or none that can be read."""
        try:
            values = json.loads(self._file(key).read_bytes())
            return result_from(values, self.request)
        except (OSError, ValueError, RecursionError, InvalidFileError):
            return None

    def write(self, key: str, result: Result) -> None:
        """Keep the result of an image.

        Raises:
            PlaygroundError: It cannot be written.
        """
        with whole_file(self._file(key), overwrite=True) as partial:
            partial.write_text(json.dumps(result_values(result)), encoding="utf-8")

    def wrote(self, name: str, content: Path) -> bool:
        """Whether a file of that name holds what a run with this store has written there."""
        return _digest_of(content) in self._written().get(name, [])

    def note(self, name: str, content: Path) -> None:
        """Note what is going to be written under a name.

        Raises:
            PlaygroundError: It cannot be noted.
        """
        written = self._written()
        former = written.get(name, [])[-1:]  # it may stand there still if this run breaks off now
        written[name] = [*former, _digest_of(content)]
        with whole_file(self.folder / _WRITTEN, overwrite=True) as partial:
            partial.write_text(json.dumps(written), encoding="utf-8")

    def _written(self) -> dict[str, list[str]]:
        try:
            values = json.loads((self.folder / _WRITTEN).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        entries = values.items() if isinstance(values, dict) else ()
        return {name: digests for name, digests in entries if isinstance(digests, list)}

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def is_begun(out: Path, request: Request) -> bool:
    """Whether a run with this request, whatever the weights, has left something."""
    return any((out / FOLDER).glob(f"{_digest(request)}-*"))


def result_store(
    out: Path, request: Request, weights: RunningWeights, click_weights: str | None
) -> ResultStore:
    """Where results are kept.

    Args:
        out: The folder of the exports.
        request: What is asked of every image.
        weights: Those that run. They are the same as long as name, size and time of change of
            their files are.
        click_weights: Those that answer clicks, as they were named.
    """
    files = [weights.path] if isinstance(weights, WeightsInfo) else []
    files += [Path(click_weights)] if click_weights else []
    known = (weights.name, click_weights, [_state(path) for path in files])
    return ResultStore(out / FOLDER / f"{_digest(request)}-{_digest(known)}", request)


def _state(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change; of an index or a folder those of all files beside or in it."""
    try:
        if not path.exists():
            return []
        folder = path if path.is_dir() else path.parent
        alone = path.is_file() and path.suffix != ".json"
        states = [(part.name, part.stat()) for part in ([path] if alone else folder.iterdir())]
    except OSError:  # one of them is gone
        return []
    return sorted((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _digest_of(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _digest(value: object) -> str:
    said = f"{__version__} {value!r}".encode("utf-8", errors="surrogateescape")
    return hashlib.blake2b(said, digest_size=8).hexdigest()
