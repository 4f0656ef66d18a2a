"""No command costs a user a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Loader, run, save_discs


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_the_picture_of_one_input_never_takes_the_place_of_another(
    more: list[str], loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(tmp_path / "a.jpg")
    save_discs(tmp_path / "a.png")
    before = contents(tmp_path)
    assert run("segment", "a.jpg", "a.png", "--concept", "red", "--out", ".", *more) == 2
    assert contents(tmp_path) == before
    assert "overwrite none of the inputs, got a.png" in capsys.readouterr().err
    assert loader.loads == 0


def linked_to_the_input(folder: Path) -> None:
    (folder / "out" / "a.png").symlink_to(folder / "b.png")


def hard_linked_to_the_input(folder: Path) -> None:
    (folder / "out" / "a.png").hardlink_to(folder / "b.png")


def inputs_behind_a_link(folder: Path) -> None:
    # Of a file system that ignores case the same is true: two names, one file.
    save_discs(folder / "out" / "a.png")
    (folder / "b.png").unlink()
    (folder / "b.png").symlink_to(folder / "out" / "a.png")


@pytest.mark.parametrize(
    "prepare", [linked_to_the_input, hard_linked_to_the_input, inputs_behind_a_link]
)
def test_an_output_that_is_an_input_by_another_name_is_refused(
    prepare: Callable[[Path], None],
    loader: Loader,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a.jpg", "b.png"):
        save_discs(tmp_path / name)
    (tmp_path / "out").mkdir()
    prepare(tmp_path)
    before = contents(tmp_path)
    arguments = ("segment", "a.jpg", "b.png", "--concept", "red", "--out", "out")
    assert run(*arguments, "--overwrite") == 2
    assert "overwrite none of the inputs, got out/a.png" in capsys.readouterr().err
    assert contents(tmp_path) == before
    assert (loader.loads, loader.segmenter.calls) == (0, [])


def test_files_that_stand_there_are_kept_until_they_may_be_replaced(
    loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(tmp_path / "a.jpg")
    save_discs(tmp_path / "b.jpg")
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.json").write_text("an annotation of hours")
    (out / "b.png").symlink_to("nowhere")
    (out / "mine.json").write_text("of another image")
    before = contents(out)
    arguments = ("segment", "a.jpg", "b.jpg", "--concept", "red", "--out", "out")
    assert run(*arguments) == 2
    assert "got out/b.png, out/b.json" in capsys.readouterr().err
    assert contents(out) == before
    assert loader.loads == 0
    assert run(*arguments, "--overwrite") == 0
    after = contents(out)
    assert after["mine.json"] == b"of another image"
    assert after["b.json"].startswith(b"{")
    assert sorted(after) == ["a.json", "a.png", "b.json", "b.png", "mine.json"]
    assert run(*arguments) == 2  # what a former run wrote is kept like any other file


def test_one_error_lists_what_stands_there(
    loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [save_discs(tmp_path / f"{number}.jpg") for number in range(6)]
    assert run("segment", *images, "--concept", "red", "--out", "out") == 0
    capsys.readouterr()
    assert run("segment", *images, "--concept", "red", "--out", "out") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "out/0.png, out/0.json" in line
    assert line.endswith("and 4 more")


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("a.jpg", "got a.jpg, which is none"),
        ("a.jpg/deeper", "got a.jpg, which is none"),
        ("x" * 300, "file name too long"),
        ("/proc/nothing", "got /proc: no such file"),
    ],
)
def test_a_folder_that_cannot_be_written_to_is_refused_at_once(
    out: str, message: str, loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_discs(tmp_path / "a.jpg")
    before = contents(tmp_path)
    assert run("segment", "a.jpg", "--concept", "red", "--out", out) == 2
    assert message in capsys.readouterr().err
    assert contents(tmp_path) == before
    assert loader.loads == 0


def test_a_picture_that_cannot_be_written_leaves_nothing_half_done(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_discs(tmp_path / "a.jpg")
    save_discs(tmp_path / "out" / "a.png")
    before = contents(tmp_path)

    def full(_: Image.Image, file: Path, **__: object) -> None:
        file.write_bytes(b"half a pict")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Image.Image, "save", full)
    assert run("segment", "a.jpg", "--concept", "red", "--out", "out", "--overwrite") == 1
    assert contents(tmp_path) == before


def test_the_weights_are_an_input_too(loader: Loader, tmp_path: Path) -> None:
    save_discs(tmp_path / "a.jpg")
    (tmp_path / "a.json").write_text("weights by a name that is none of theirs")
    arguments = ("--concept", "red", "--out", ".", "--overwrite", "--weights", "a.json")
    assert run("segment", "a.jpg", *arguments) == 2
    assert (tmp_path / "a.json").read_text().startswith("weights")
