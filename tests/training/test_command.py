"""`python -m training` as a script would use it: files, exit codes, messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sam3_playground.errors import InvalidInputError
from sam3_playground.weights.bundled_file import bundled_path
from tests.cli import conftest
from training import command
from training.__main__ import main
from training.command import train_command


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> int:
    """The exit code of a command."""
    return conftest.run(*arguments, program=main)


def test_the_module_is_a_program_whose_help_is_quick() -> None:
    program = "import runpy, sys; sys.modules['torch'] = None; runpy.run_module('training', "
    printed = subprocess.run(
        [sys.executable, "-c", program + "run_name='__main__')", "--help"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {"train", "evaluate"} <= set(printed.split())


def test_an_error_is_one_line_and_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "run", "--first-stage", "none") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: expected a stage of [")
    assert line.endswith("got 'none'")
    assert not Path("run").exists()


def test_what_is_averaged_has_to_be_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "run", "--average-with", "kept.safetensors") == 2
    assert capsys.readouterr().err == "error: expected --publish with --average-with, got none\n"
    assert not Path("run").exists()


def test_a_share_is_one_of_something_that_is_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "run", "--publish", "out.safetensors", "--average-share", "0.2") == 2
    expected = "error: expected --average-with with --average-share, got none\n"
    assert capsys.readouterr().err == expected
    wrong = ("--average-with", str(bundled_path()), "--average-share", "nan")
    assert run("train", "run", "--publish", "out.safetensors", *wrong) == 2
    assert capsys.readouterr().err == "error: expected a share from 0 to 1, got nan\n"
    assert not Path("run").exists()


@pytest.mark.parametrize("which", ["evaluate", "exclusions"])
def test_the_sheet_of_an_evaluation_replaces_no_file_unasked(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "load_segmenter", pytest.fail)
    (tmp_path / "sheet.jpg").write_text("a photograph")
    assert run(which, "--sheet", "sheet.jpg") == 2
    assert "got sheet.jpg" in capsys.readouterr().err
    weights = ("--weights", "sheet.jpg", "--overwrite")
    assert run(which, "--sheet", "sheet.jpg", *weights) == 2
    assert run(which, "--sheet", "sheet.txt") == 2
    assert (tmp_path / "sheet.jpg").read_text() == "a photograph"


def test_published_weights_replace_no_file_unasked_and_say_so_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained: list[object] = []
    monkeypatch.setattr(command, "train", lambda *_: trained.append(1))
    (tmp_path / "mine.safetensors").write_text("weights of a month")
    arguments = ("train", "run", "--publish", "mine.safetensors")
    assert run(*arguments) == 2
    assert "got mine.safetensors" in capsys.readouterr().err
    begin = ("--begin-with", "mine.safetensors", "--overwrite")
    assert run(*arguments, *begin) == 2
    assert trained == []
    assert run(*arguments, "--overwrite") == 4  # nothing was trained here, so nothing to publish
    assert trained == [1]
    assert (tmp_path / "mine.safetensors").read_text() == "weights of a month"


def test_a_training_run_needs_a_folder_and_takes_no_file_away_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    met: list[str] = []
    monkeypatch.setattr("torch.multiprocessing.spawn", lambda *_, args, **__: met.append(args[1]))
    (tmp_path / "notes").write_text("by hand")
    assert run("train", "notes") == 2
    assert "got notes, which is none" in capsys.readouterr().err
    (tmp_path / "meeting").write_text("minutes of Monday")
    assert run("train", ".") == 0
    assert (tmp_path / "meeting").read_text() == "minutes of Monday"
    assert len(met) == 1


def test_training_asks_the_same_before_it_makes_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="got 'nonsense'"):
        train_command(tmp_path / "run", "nonsense", 1, 0, None, None, None, None, lambda _: None)
    assert not (tmp_path / "run").exists()
