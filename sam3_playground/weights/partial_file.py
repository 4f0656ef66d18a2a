"""A file on its way: what came so far, and how to tell whether the rest still fits it."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sam3_playground.errors import StorageError
from sam3_playground.model.file_kinds import fault_of
from sam3_playground.weights.remembered import read_object, write_object

PARTIAL_ENDING = ".partial"
NOTE_ENDING = ".partial.json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class PartialFile:
    """Hidden beside `destination` until it is whole; a later run takes it up.

    Args:
        destination: The file that it becomes.
        key: Names the source: what came from another one is of no use.
        source: The same for people, to be kept as it is; empty if it may hold a secret.
    """

    def __init__(self, destination: Path, key: str, source: str = "") -> None:
        self._destination = destination
        self._key = hashlib.sha256(key.encode()).hexdigest()  # it may hold a secret
        self._source = source
        self._path = destination.with_name(f".{destination.name}{PARTIAL_ENDING}")
        self._note = destination.with_name(f".{destination.name}{NOTE_ENDING}")
        note = read_object(self._note)
        same = note.get("key") == self._key and isinstance(note.get("validator"), str)
        self.validator: str | None = note["validator"] if same else None
        total = note.get("total") if same else None
        self.total: int | None = total if isinstance(total, int) else None
        self.byte_count = self._size() if same else 0

    @property
    def is_whole(self) -> bool:
        """Whether all announced bytes are here."""
        return self.total is not None and self.byte_count == self.total

    @property
    def fault(self) -> str:
        """Why what came is no file of weights, by its first bytes; empty where it may be one."""
        return fault_of(self._path)

    def restart(self, *, validator: str | None, total: int | None) -> None:
        """Begin with nothing.

        Args:
            validator: A strong ETag or a date, by which the server knows this version again;
                without one, a later run begins anew.
            total: Bytes of the whole file, if somebody said.
        """
        with _writing(self._destination.name):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._note.unlink(missing_ok=True)
            self._path.write_bytes(b"")
        self.validator, self.total, self.byte_count = validator, total, 0
        if validator is not None:
            note = {"key": self._key, "validator": validator, "total": total}
            write_object(self._note, note | {"source": self._source})

    def append(self, chunks: Iterable[bytes]) -> Iterator[int]:
        """Add bytes as they come.

        Yields:
            How many there are by now, after each piece.

        Raises:
            StorageError: The disk takes no more.
        """
        with _writing(self._destination.name), self._path.open("ab", buffering=0) as file:
            for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    count = file.write(rest)
                    self.byte_count += count
                    rest = rest[count:]
                yield self.byte_count

    def finish(self) -> None:
        """Become the destination, in the place of what may stand there.

        Raises:
            StorageError: The disk does not take it.
        """
        with _writing(self._destination.name):
            with self._path.open("rb+") as file:
                os.fsync(file.fileno())
            self._path.replace(self._destination)
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Take away what came so far."""
        with _writing(self._destination.name):
            self._note.unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)
        self.validator, self.total, self.byte_count = None, None, 0

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"The disk is full: it took only a part of {name}. Make room and start again; "
                "what came so far is kept."
            ) from error
        raise StorageError(
            f"expected to write {name}, got: {(error.strerror or 'it failed').lower()}"
        ) from error
