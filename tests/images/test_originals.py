"""An image's own file goes on only where other programs see the same image in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sam3_playground.errors import InvalidImageError
from sam3_playground.images.originals import original_file

PICTURE = Image.new("RGB", (40, 30), "red")


def written(folder: Path, kind: str, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = folder / "upload"
    PICTURE.save(path, kind, exif=exif)
    return path


@pytest.mark.parametrize(
    ("kind", "name"), [("JPEG", "a.jpg"), ("JPEG", "a.JPEG"), ("PNG", "a.png"), ("WEBP", "a.webp")]
)
def test_a_file_is_taken_as_it_is(kind: str, name: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    assert original_file(path, name) == path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "orientation", "name"),
    [("JPEG", 6, "a.jpg"), ("PNG", 1, "a.jpg"), ("JPEG", 1, "a"), ("JPEG", 1, "a.txt")],
)
def test_one_that_others_see_otherwise_is_not(
    kind: str, orientation: int, name: str, tmp_path: Path
) -> None:
    assert original_file(written(tmp_path, kind, orientation), name) is None


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidImageError, match=r"got a\.jpg: it cannot be read"):
        original_file(tmp_path / "nothing", "a.jpg")
