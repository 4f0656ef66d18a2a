"""SHA-256 of large files, computed once for as long as they stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from sam3_playground.errors import FetchCancelledError, StorageError
from sam3_playground.weights.places import cache_file
from sam3_playground.weights.remembered import read_object, write_object

_DIGESTS = "sha256.json"
_CHUNK_BYTES = 2**22


def known_sha256(path: Path) -> str | None:
    """What was computed earlier; None if it was not, or if the file has changed since.

    A file counts as the same while path, size and time of change are.
    """
    entry = read_object(cache_file(_DIGESTS)).get(str(path.resolve()))
    state = _state(path)
    if not isinstance(entry, list) or len(entry) != 3 or state is None or entry[:2] != state:
        return None
    return str(entry[2])


def sha256_of(path: Path, *, cancelled: Callable[[], bool] = lambda: False) -> str:
    """The SHA-256 of a file in hexadecimal, remembered from now on.

    Raises:
        StorageError: It cannot be read.
        FetchCancelledError: `cancelled` said so.
    """
    if (known := known_sha256(path)) is not None:
        return known
    state = _state(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                if cancelled():
                    raise FetchCancelledError(f"looking at {path.name} was stopped")
    except OSError as error:
        raise StorageError(f"expected to read {path.name}, got a file that cannot be") from error
    if state is not None and state == _state(path):
        kept = read_object(cache_file(_DIGESTS))
        kept = {name: entry for name, entry in kept.items() if Path(name).exists()}
        kept[str(path.resolve())] = [*state, digest.hexdigest()]
        write_object(cache_file(_DIGESTS), kept)
    return digest.hexdigest()


def _state(path: Path) -> list[int] | None:
    """Size and time of change in nanoseconds; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
