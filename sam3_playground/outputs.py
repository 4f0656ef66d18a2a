"""Files that a user named as outputs: no file of theirs is lost, none is ever half written."""

from __future__ import annotations

import secrets
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sam3_playground.errors import InvalidInputError, PlaygroundError

# As many as fit a line or two of a terminal.
_NAMED = 8


def check_outputs(
    outputs: Sequence[Path], *, inputs: Sequence[Path] = (), overwrite: bool = False
) -> None:
    """Refuse outputs that would cost the user a file, before anything is read or written.

    Args:
        outputs: Every file that is going to be written.
        inputs: The files that are going to be read; missing ones do not matter.
        overwrite: Whether other files may be replaced.

    Raises:
        InvalidInputError: An output is one of the inputs, also by a link or by another spelling
            that the file system takes for the same; something stands at an output's place,
            which only `overwrite` replaces, and only if it is a file; or there is no folder to
            write to.
    """
    read = {identity for path in inputs if (identity := _identity(path)) is not None}
    own = [path for path in outputs if _identity(path) in read] if read else []
    if own:
        raise InvalidInputError(
            f"expected outputs that overwrite none of the inputs, got {_listed(own)}"
        )
    standing = [path for path in outputs if _mode(path) is not None]
    if standing and not overwrite:
        raise InvalidInputError(
            "expected outputs where no file stands (--overwrite replaces files), "
            f"got {_listed(standing)}"
        )
    others = [path for path in standing if not _is_file(path)]
    if others:
        raise InvalidInputError(f"expected files to overwrite, got others: {_listed(others)}")
    for folder in dict.fromkeys(path.parent for path in outputs):
        _check_folder(folder)


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A name beside `path` to write to, which becomes `path` if the block ends well.

    Whoever looks at `path` sees the former file or the whole new one. A link is replaced, not
    followed.

    Args:
        path: The file; its folder is made where there is none.
        overwrite: Whether a file that stands there may be replaced.

    Raises:
        PlaygroundError: It cannot be written, or a file has come to stand there meanwhile.
    """
    partial = path.with_name(f".{secrets.token_hex(8)}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        if not overwrite and _mode(path) is not None:
            raise PlaygroundError(f"expected no file at {path}, got one meanwhile: it is kept")
        partial.replace(path)
    except OSError as error:
        raise PlaygroundError(f"expected to write {path}, got: {_reason(error)}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever it is called; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _mode(path: Path) -> int | None:
    """The mode of what stands there, a link's own; None where nothing does."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InvalidInputError(f"expected to write {path}, got: {_reason(error)}") from error


def _is_file(path: Path) -> bool:
    """Not a folder, and not a device: as root, renaming over one would take it away."""
    mode = _mode(path)
    return mode is not None and (stat.S_ISREG(mode) or stat.S_ISLNK(mode))


def _check_folder(folder: Path) -> None:
    """That it can be written to, or be made in the nearest one that is there."""
    for nearest in (folder, *folder.parents):
        if _mode(nearest) is None:
            continue
        if not nearest.is_dir():
            raise InvalidInputError(f"expected a folder to write to, got {nearest}, which is none")
        try:
            # Permissions do not say all: a mount may be read-only, and root may do anything.
            tempfile.TemporaryFile(dir=nearest).close()
        except OSError as error:
            raise InvalidInputError(
                f"expected a folder to write to, got {nearest}: {_reason(error)}"
            ) from error
        return


def _listed(paths: Sequence[Path]) -> str:
    shown = ", ".join(map(str, paths[:_NAMED]))
    return shown if len(paths) <= _NAMED else f"{shown} and {len(paths) - _NAMED} more"


def _reason(error: OSError) -> str:
    return (error.strerror or "it failed").lower()
