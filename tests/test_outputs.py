"""Files are written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sam3_playground.errors import InvalidInputError, PlaygroundError
from sam3_playground.outputs import check_outputs, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, text: str, *, then: Callable[[], object]) -> None:
    """Write the text, and do something before the file is done."""
    with whole_file(path, overwrite=path.exists()) as partial:
        partial.write_text(text)
        then()


def interrupted() -> None:
    raise KeyboardInterrupt


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.txt"
    with whole_file(path) as partial:
        partial.write_text("new")
        assert partial.parent == path.parent  # a rename within one file system
        assert partial.suffix == path.suffix
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["a.txt"]


def test_a_block_that_fails_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write(path, "ne", then=interrupted)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(PlaygroundError, match="got one meanwhile"):
        write(path, "ours", then=lambda: path.write_text("theirs"))
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["a.txt"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "far.txt").write_text("far")
    path = tmp_path / "a.txt"
    path.symlink_to("far.txt")
    with whole_file(path, overwrite=True) as partial:
        partial.write_text("new")
    assert (tmp_path / "far.txt").read_text() == "far"
    assert path.read_text() == "new"
    assert not path.is_symlink()


def test_new_files_are_readable_as_the_users_others_are(tmp_path: Path) -> None:
    usual = tmp_path / "usual.txt"
    usual.touch()
    with whole_file(tmp_path / "a.txt") as partial:
        partial.touch()
    assert (tmp_path / "a.txt").stat().st_mode == usual.stat().st_mode


@pytest.mark.parametrize("place", ["a folder", "a device"])
def test_only_files_are_overwritten(place: str, tmp_path: Path) -> None:
    path = Path("/dev/null") if place == "a device" else tmp_path
    with pytest.raises(InvalidInputError, match="expected files to overwrite"):
        check_outputs([path], overwrite=True)


def test_nothing_is_made_by_a_check(tmp_path: Path) -> None:
    check_outputs([tmp_path / "new" / "a.txt"], inputs=[tmp_path / "missing.jpg"])
    assert names(tmp_path) == []
