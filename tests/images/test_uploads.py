"""Uploads are private, bounded in bytes, and gone after the time promised."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sam3_playground.errors import (
    ImageTooLargeError,
    InvalidImageError,
    InvalidInputError,
    StorageError,
    UploadGoneError,
)
from sam3_playground.images.uploads import Uploads


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def add(uploads: Uploads, *parts: bytes) -> str:
    return asyncio.run(uploads.add(chunks(*parts)))


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(max_bytes=100, total_bytes=250, parent=tmp_path)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_file_comes_back_by_its_id(uploads: Uploads) -> None:
    name = add(uploads, b"one ", b"two")
    assert uploads.path(name).read_bytes() == b"one two"
    assert add(uploads, b"one two") != name


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_no_other_user_can_read_it(uploads: Uploads) -> None:
    for folder in (uploads.folder, uploads.folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


def test_an_open_folder_is_closed_and_a_foreign_one_refused(
    tmp_path: Path, uploads: Uploads
) -> None:
    base = uploads.folder.parent
    base.chmod(0o777)
    Uploads(max_bytes=100, parent=tmp_path)
    assert stat.S_IMODE(base.stat().st_mode) & 0o077 == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / base.name).symlink_to(tmp_path)
    with pytest.raises(InvalidInputError, match="somebody else"):
        Uploads(max_bytes=100, parent=elsewhere)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InvalidInputError, match="folder for temporary files"):
        Uploads(max_bytes=100, parent=tmp_path / "file")


def test_a_folder_from_earlier_on_a_disk_that_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> str:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    Uploads(max_bytes=100, parent=tmp_path).close()
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(InvalidInputError, match=r"TMPDIR.*read-only file system"):
        Uploads(max_bytes=100, parent=tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/hostname",
        "../" * 10 + "etc/hostname",
        "x" * 31,
        "x" * 33,
        "x" * 31 + "\n",
        "x" * 30 + "/x",
        "\x00" * 32,
        "é" * 32,
    ],
)
def test_what_is_no_id_is_refused(uploads: Uploads, name: str) -> None:
    with pytest.raises(InvalidInputError, match="id of an uploaded image"):
        uploads.path(name)


def test_only_regular_files_are_opened(uploads: Uploads, tmp_path: Path) -> None:
    (uploads.folder / ("l" * 32)).symlink_to("/etc/hostname")
    (uploads.folder / ("d" * 32)).mkdir()
    os.mkfifo(uploads.folder / ("p" * 32))
    for letter in "ldpx":
        with pytest.raises(UploadGoneError, match="open it again"):
            uploads.path(letter * 32)


def test_the_limit_on_a_file_holds_while_it_comes(uploads: Uploads) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 40
            yield b"x" * 40

    with pytest.raises(ImageTooLargeError, match="at most 100 bytes"):
        asyncio.run(uploads.add(endless()))
    assert sent == 120
    assert list(uploads.folder.iterdir()) == []
    with pytest.raises(InvalidImageError, match="empty"):
        add(uploads)
    assert list(uploads.folder.iterdir()) == []


def test_the_oldest_make_room(uploads: Uploads) -> None:
    names = [add(uploads, bytes(100)) for _ in range(2)]
    age(uploads.path(names[0]), 5)
    names.append(add(uploads, bytes(100)))
    with pytest.raises(UploadGoneError):
        uploads.path(names[0])
    assert [uploads.path(name).stat().st_size for name in names[1:]] == [100, 100]


def test_after_the_time_promised_it_is_gone(uploads: Uploads) -> None:
    old, new = add(uploads, b"old"), add(uploads, b"new")
    path = uploads.path(old)
    age(path, 3601)
    with pytest.raises(UploadGoneError):
        uploads.path(old)
    assert path.exists()
    uploads.sweep()
    assert not path.exists()
    assert uploads.path(new).exists()


def test_what_a_crash_left_goes_at_the_next_start(tmp_path: Path, uploads: Uploads) -> None:
    left = uploads.path(add(uploads, b"left behind"))
    age(left, 3601)
    age(uploads.folder, 3601)
    other = Uploads(max_bytes=100, parent=tmp_path)
    assert not left.exists()
    assert not uploads.folder.exists()
    assert other.folder.exists()


def test_an_end_deletes_its_own_files_alone(tmp_path: Path, uploads: Uploads) -> None:
    other = Uploads(max_bytes=100, parent=tmp_path)
    mine, theirs = uploads.path(add(uploads, b"mine")), other.path(add(other, b"theirs"))
    uploads.close()
    assert not mine.exists()
    assert theirs.exists()


def test_a_folder_that_is_gone_is_a_fault_of_the_server(uploads: Uploads) -> None:
    uploads.close()
    with pytest.raises(StorageError, match="expected a folder"):
        add(uploads, b"x")
