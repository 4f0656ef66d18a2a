"""A ZIP archive that goes out while it is made.

The list of what is in it stands at its end: an archive that was cut off has none, and no program
takes it for a whole one.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Generator, Iterator
from pathlib import PurePosixPath
from typing import Any

from sam3_playground.formats.segmented import File

# Bytes that are given away at a time.
PIECE = 2**18

# What is compressed already.
_PACKED = frozenset({".jpeg", ".jpg", ".png", ".webp"})


class Archive:
    """Files are added one after the other; what each call gives stands behind what came before."""

    def __init__(self) -> None:
        self._written = _Written()
        self._zip = zipfile.ZipFile(self._written, "w", zipfile.ZIP_DEFLATED)

    def add(self, file: File) -> Generator[bytes, None, None]:
        """The next bytes of the archive, with a file in it.

        Errors of the file's chunks come through: such an archive cannot be gone on with.
        """
        about = zipfile.ZipInfo(file.name, time.localtime()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED
        about.external_attr = 0o644 << 16
        if PurePosixPath(file.name).suffix.lower() in _PACKED:
            self._zip.writestr(about, b"".join(file.chunks), compresslevel=0)
        else:
            with self._zip.open(about, "w") as member:
                for chunk in file.chunks:
                    member.write(chunk)
                    yield from self._written.taken(PIECE)
        yield from self._written.taken()

    def end(self) -> Iterator[bytes]:
        """The last bytes: the list of all files."""
        self._zip.close()
        yield from self._written.taken()


class _Written:
    """What was written and not taken yet: a file that nobody can go back in, as zipfile wants it.

    None of io's own: those are closed at the end of the last reference, before a ZipFile that was
    given up writes to them for the last time.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: Any) -> int:
        """Take all of it."""
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held."""

    def taken(self, least: int = 1) -> Iterator[bytes]:
        """What there is, in pieces, if it is at least so much."""
        if len(self._bytes) < least:
            return
        given, self._bytes = self._bytes, bytearray()
        for start in range(0, len(given), PIECE):
            yield bytes(given[start : start + PIECE])
