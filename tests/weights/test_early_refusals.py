"""What is no file of weights is told by its first bytes: early, in every list, and not taken."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from sam3_playground.weights.bundled_file import bundled_path
from sam3_playground.weights.here import best_here, weights_here
from sam3_playground.weights.resolving import resolve_weights
from tests.cli.conftest import run, save_discs
from tests.weights.mirror import PICKLED, Mirror, Served

PAGE = b"<!doctype html><title>please log in</title>"
COMMAND = """
import sys
from sam3_playground.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("torch" in sys.modules)
"""


def in_a_process(*arguments: object) -> tuple[int, str, str]:
    """Exit code, whether torch was imported, and what was said."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("option", ["--weights", "--click-weights"])
@pytest.mark.parametrize("name", ["page.pt", "nothing.pt", "folder"])
def test_segment_refuses_without_torch(option: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "page.pt", tmp_path / "folder" / "page.pt"):
        path.write_bytes(PAGE)
    picture = save_discs(tmp_path / "discs.png")
    code, torch_too, said = in_a_process(
        "segment", picture, "--concept", "red", option, tmp_path / name
    )
    assert (code, torch_too) == (4, "False"), said
    assert ("which is none" if name == "nothing.pt" else "which is a web page") in said


@pytest.mark.parametrize("content", [b"", PAGE])
def test_check_and_list_need_no_torch_for_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    code, torch_too, said = in_a_process("weights", "check", tmp_path / "a.pt")
    assert (code, torch_too) == (4, "False"), said
    code, said, _ = in_a_process("weights", "list")
    assert (code, said.splitlines()[-1]) == (0, "False")


def test_the_control_weights_take_torch() -> None:
    assert in_a_process("weights", "check", bundled_path())[1].endswith("\nTrue")


FAULTS: list[tuple[bytes, str]] = [
    (b"", "is empty"),
    (PAGE, "is a web page: its download was answered with something else"),
    (
        b"version https://git-lfs.github.com/spec/v1\n",
        "is a Git LFS pointer: fetch the file itself with `git lfs pull`",
    ),
    (b"junkjunk" * 5_000, "is text"),
    (b"PK\x03\x04", "is truncated: the archive's end is missing; fetch it again"),
    (PICKLED + b"weights", ""),
]


@pytest.mark.parametrize(("content", "fault"), FAULTS)
def test_a_list_says_what_cannot_run(
    content: bytes,
    fault: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder.mkdir()
    (folder / "a.pt").write_bytes(content)
    tiny, own = weights_here(folder)
    assert (tiny.bundled, tiny.fault, own.source, own.fault) == (True, "", "a.pt", fault)
    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(folder))
    assert run("weights", "list") == 0
    assert f"a.pt  ({fault or '0 MB'})\n" in capsys.readouterr().out


def test_a_spoiled_file_is_never_the_default(folder: Path, known: Callable[[bytes], None]) -> None:
    known(PAGE)
    folder.mkdir()
    (folder / "a.pt").write_bytes(PAGE)
    best = best_here(weights_here(folder))
    assert best is not None
    assert best.bundled
    assert resolve_weights(None, say=pytest.fail, folder=folder).bundled


@pytest.mark.usefixtures("accepted")
def test_get_keeps_no_file_that_is_none(
    elsewhere: Mirror,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(folder))
    elsewhere.files["/junk.pt"] = Served(b"junkjunk" * 5_000)
    assert run("weights", "get", f"{elsewhere.url}/junk.pt") == 4
    place = elsewhere.url.removeprefix("http://")
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: expected a .pt or .safetensors checkpoint from {place}, got junk.pt of 40,000 "
        "bytes, which is text: it was not kept"
    )
    assert list(folder.iterdir()) == []


def test_a_missing_click_head_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with safe_open(bundled_path(), framework="pt") as file:
        described = file.metadata()
    kept = {
        name: it
        for name, it in load_file(bundled_path()).items()
        if "inst_interactive_predictor" not in name and "sam2_convs" not in name
    }
    path = tmp_path / "concepts.safetensors"
    save_file(kept, path, metadata=described)
    picture = save_discs(tmp_path / "discs.png")
    options = ("--concept", "red circle", "--weights", path, "--device", "cpu")
    assert run("segment", picture, *options) == 0
    assert capsys.readouterr().err.count("click head") == 1
