"""Image files that visitors of the page upload: private, bounded, and gone after an hour."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import AsyncIterable
from contextlib import suppress
from pathlib import Path

from sam3_playground.core.images import RgbImage
from sam3_playground.errors import (
    ImageTooLargeError,
    InvalidImageError,
    InvalidInputError,
    StorageError,
    UploadGoneError,
)
from sam3_playground.images.decoding import decode_image

KEPT_SECONDS = 3600
TOTAL_BYTES = 2**30
_ID = re.compile(r"[A-Za-z0-9_-]{32}")
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Uploads:
    """Files by secret ids, in a folder that no other user of the machine can read.

    All processes of a user share one base folder, each with a folder of its own in it: what a
    crash left there goes when the next one starts.

    Args:
        max_bytes: The longest file.
        total_bytes: All files together; the oldest make room.
        seconds: How long a file is kept.
        parent: Where the base folder is; None takes the system's folder for temporary files.

    Raises:
        InvalidInputError: No folder can be made there, or another user could read it.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        total_bytes: int = TOTAL_BYTES,
        seconds: float = KEPT_SECONDS,
        parent: Path | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._total_bytes = max(total_bytes, max_bytes)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._base = _private_folder(parent)
        self.sweep()
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._base))
        except OSError as error:
            raise _no_folder(self._base, error) from error

    async def add(self, chunks: AsyncIterable[bytes]) -> str:
        """Keep a file as it comes in.

        Returns:
            Its id: 32 characters that nobody else can guess.

        Raises:
            ImageTooLargeError: Longer than `max_bytes`; nothing of it is kept.
            InvalidImageError: Empty.
            StorageError: It cannot be written, because the disk is full for one.
        """
        name = secrets.token_urlsafe(24)
        unfinished = self.folder / f"{name}.part"
        try:
            # Chunks are small and the folder is local: a write takes less than a thread's turn.
            with unfinished.open("xb") as file:
                count = 0
                async for chunk in chunks:
                    count += len(chunk)
                    if count > self._max_bytes:
                        raise ImageTooLargeError(
                            f"expected an image file of at most {self._max_bytes:,} bytes, "
                            "got a larger one"
                        )
                    file.write(chunk)
            if not count:
                raise InvalidImageError("expected an image file, got an empty one")
            self._make_room(count)
            unfinished.rename(self.folder / name)
        except OSError as error:
            full = error.errno in _FULL_DISK
            raise StorageError(
                "expected room for the image on the server, got none: its disk is full"
                if full
                else "expected a folder on the server for the image, got none that takes it"
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return name

    def path(self, name: str) -> Path:
        """The file of an id that came from a browser.

        Raises:
            InvalidInputError: It has not the form of an id.
            UploadGoneError: There is no such file, or its time is over.
        """
        if not _ID.fullmatch(name):
            raise InvalidInputError(f"expected the id of an uploaded image, got {name[:40]!r}")
        path = self.folder / name
        try:
            found = path.lstat()
        except OSError:
            found = None
        if found is None or not stat.S_ISREG(found.st_mode) or self._is_over(found):
            raise UploadGoneError("expected the uploaded image, got none any more: open it again")
        return path

    def remove(self, name: str) -> None:
        """Delete a file before its time, if it is there."""
        with suppress(UploadGoneError):
            self.path(name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what is older than promised, of ended processes too."""
        own = getattr(self, "folder", None)
        # Before anything goes: a folder is as old as the last change in it.
        over = [path for path in self._base.rglob("*") if path != own and self._was_kept(path)]
        for path in sorted(over, reverse=True):  # files before their folders
            with suppress(OSError):  # another process was quicker, or a folder holds something
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()

    def close(self) -> None:
        """Delete all of this process's files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _was_kept(self, path: Path) -> bool:
        try:
            return self._is_over(path.lstat())
        except OSError:
            return False

    def _is_over(self, found: os.stat_result) -> bool:
        return time.time() - found.st_mtime > self._seconds

    def _make_room(self, count: int) -> None:
        with self._lock:
            kept = []
            for path in self.folder.iterdir():
                if path.suffix != ".part":
                    found = path.stat()
                    kept.append((found.st_mtime_ns, found.st_size, path))
            free = self._total_bytes - count - sum(size for _, size, _ in kept)
            for _, size, path in sorted(kept):
                if free >= 0:
                    break
                path.unlink(missing_ok=True)
                free += size


def open_upload(path: Path, *, max_pixels: int) -> RgbImage:
    """Decode the file that `Uploads.path` gave.

    Raises:
        UploadGoneError: It has gone meanwhile.
        PlaygroundError: As `decode_image` has it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UploadGoneError(
            "expected the uploaded image, got none any more: open it again"
        ) from error
    return decode_image(data, max_pixels=max_pixels)


def _private_folder(parent: Path | None) -> Path:
    """The base folder, its own user's alone."""
    user = getattr(os, "getuid", lambda: "user")()
    try:
        parent = parent or Path(tempfile.gettempdir())
        folder = parent / f"sam3-playground-{user}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if not stat.S_ISDIR(found.st_mode) or foreign:
            raise InvalidInputError(
                f"expected {folder} to be a folder of this user, got one of somebody else"
            )
        if os.name == "posix" and found.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise _no_folder(parent, error) from error
    return folder


def _no_folder(tried: Path | None, error: OSError) -> InvalidInputError:
    # Without a folder of its own, `tempfile` has tried several and names them all.
    got = "none" if tried is None else f"{tried}, which cannot be used"
    reason = f" ({error.strerror.lower()})" if tried is not None and error.strerror else ""
    return InvalidInputError(
        f"expected a folder for temporary files that can be written to (TMPDIR), got {got}{reason}"
    )
