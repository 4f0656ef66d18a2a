"""An archive that goes out while it is made: whole to every reader, and never half of one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from sam3_playground.formats.archive import PIECE, Archive
from sam3_playground.formats.segmented import File

TEXT = [b"0123456789" * 1000] * 300
FILES = {
    "coco/instances.json": TEXT,
    "picture/\u732b 🐈.png": [bytes(range(256)) * 5000],
    "empty.txt": [],
    "masks/a/001-dog.png": [b"one", b"two"],
}


def archived() -> bytes:
    archive = Archive()
    pieces = [piece for name, chunks in FILES.items() for piece in archive.add(File(name, chunks))]
    pieces += archive.end()
    assert max(map(len, pieces)) <= PIECE
    return b"".join(pieces)


def test_what_was_added_comes_out_under_its_name() -> None:
    with zipfile.ZipFile(io.BytesIO(archived())) as found:
        assert found.testzip() is None
        assert found.namelist() == list(FILES)
        assert [found.read(name) for name in FILES] == [b"".join(part) for part in FILES.values()]


def test_text_is_packed_and_pictures_are_left_as_they_are() -> None:
    with zipfile.ZipFile(io.BytesIO(archived())) as found:
        sizes = {info.filename: (info.file_size, info.compress_size) for info in found.infolist()}
    full, packed = sizes["coco/instances.json"]
    assert packed < full / 10
    full, packed = sizes["picture/\u732b 🐈.png"]
    assert full <= packed < full * 1.01


@pytest.mark.parametrize("missing", [1, 22, 23, 100, 10_000])
def test_without_its_end_it_is_no_archive(missing: int) -> None:
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(archived()[:-missing]))


def test_a_long_file_goes_out_before_all_of_it_is_made() -> None:
    archive, made = Archive(), 0

    noise = np.random.default_rng(0)

    def chunks() -> Iterator[bytes]:
        nonlocal made
        for made in range(100):  # noqa: B007 (how far it got)
            yield noise.bytes(PIECE)

    with closing(archive.add(File("noise.json", chunks()))) as pieces:
        first = next(pieces)
    assert len(first) == PIECE
    assert made < 10


def test_a_fault_in_a_file_comes_through() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"begun"
        raise KeyError("fault")

    with pytest.raises(KeyError, match="fault"):
        list(Archive().add(File("a.json", chunks())))
