"""`sam3-playground weights`, as people and scripts run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from sam3_playground.cli import weights_command
from sam3_playground.weights import getting, licence
from sam3_playground.weights.bundled_file import bundled_path
from tests.cli.conftest import run
from tests.weights.mirror import PICKLED, Mirror, Served
from tests.weights.test_hub import CONTENT, TOKEN, publish

SMALL = PICKLED + b"the published weights"
MODELSCOPE = "/models/facebook/sam3/resolve/master/sam3.pt"


@pytest.fixture(autouse=True)
def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(folder))


def test_get_from_the_hub_in_a_process_of_its_own(
    hub: Mirror, elsewhere: Mirror, home: Path
) -> None:
    """With the hub's own variables, as a user sets them."""
    publish(hub, elsewhere)
    elsewhere.files["/blob?signed=1"].drops = [300_000, 0]
    environment = os.environ | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home / "hf"),
        "HF_TOKEN": TOKEN,
        "HF_HUB_OFFLINE": "0",
    }
    command = "from sam3_playground.weights import download; download.RETRIES = 0\n"
    command += "from sam3_playground.cli.main import main; main(['weights', 'get', '--json'])"

    def get() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    first = get()
    assert first.returncode == 4
    assert "error: Fetching sam3.pt of facebook/sam3 broke off. Start again" in first.stderr
    elsewhere.files["/blob?signed=1"].drops = []
    second = get()
    assert second.returncode == 0, second.stderr
    found = json.loads(second.stdout)
    assert Path(found["path"]).read_bytes() == CONTENT
    assert Path(found["path"]).is_relative_to(home / "hf")
    assert found["source"] == "facebook/sam3"
    assert elsewhere.ranges == [None, "bytes=300000-"]
    assert TOKEN not in first.stdout + first.stderr + second.stdout + second.stderr


def test_get_without_a_terminal_says_how_to_accept_the_licence(
    elsewhere: Mirror, capsys: pytest.CaptureFixture[str], known: Callable[[bytes], None]
) -> None:
    known(SMALL)
    elsewhere.files[MODELSCOPE] = Served(SMALL)
    assert run("weights", "get", "modelscope:facebook/sam3") == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "error: expected the SAM License to be accepted before weights come from there, got no "
        "terminal to ask at: read licences/SAM_LICENSE, and accept it by the same command with "
        "--accept-license\n"
    )
    assert run("weights", "get", "modelscope:facebook/sam3", "--accept-license") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "sam3.pt: this is Meta's sam3.pt\n" in said.err
    assert "run it with --weights modelscope:facebook/sam3\n" in said.err
    assert "SAM License" not in said.err


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 4), ("\n", 4)])
def test_somebody_at_a_terminal_is_asked(
    answer: str,
    code: int,
    elsewhere: Mirror,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    elsewhere.files[MODELSCOPE] = Served(SMALL)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr("builtins.input", lambda _: answer.strip())
    assert run("weights", "get", "modelscope:facebook/sam3") == code
    said = capsys.readouterr().err
    assert licence.licence_text().strip() in said
    assert ("got no: nothing was fetched" in said) == (code == 4)
    assert licence.is_accepted() == (code == 0)
    assert len(elsewhere.asked) == (code == 0)


class Terminal:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self, *_: object) -> str:
        return self._answer


def test_get_without_access_says_what_to_do(
    hub: Mirror, elsewhere: Mirror, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(hub, elsewhere)
    assert run("weights", "get") == 4
    assert "its access is granted by its owners. Ask for it" in capsys.readouterr().err
    assert run("weights", "get", "https://user:word@example.com/sam3.pt") == 2
    assert "word@" not in capsys.readouterr().err


def test_one_that_is_interrupted_says_that_it_goes_on_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(getting, "get_weights", interrupted)
    assert run("weights", "get") == 130
    assert capsys.readouterr().err == "stopped; what came so far is kept\n"


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert run("weights", "list", "--json") == 0
    documents: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return documents


def test_list(
    hub: Mirror,
    elsewhere: Mirror,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert [(it["source"], it["default"]) for it in listed(capsys)] == [("tiny", True)]
    folder.mkdir()
    (folder / "mine.pt").write_bytes(b"weights")
    publish(hub, elsewhere)
    publish(hub, elsewhere, "facebook/sam3:model.safetensors")
    publish(hub, elsewhere, "facebook/sam3.1:sam3.1_multiplex.pt")
    for source in ("facebook/sam3:model.safetensors", "facebook/sam3.1", "facebook/sam3"):
        getting.get_weights(source, folder=folder, token=TOKEN)
    documents = listed(capsys)
    assert [it["source"] for it in documents] == [
        "tiny",
        "facebook/sam3",
        "facebook/sam3.1",
        "facebook/sam3:model.safetensors",
        "mine.pt",
    ]
    assert [it["default"] for it in documents] == [False, True, False, False, False]
    assert [it["byte_count"] for it in documents][2:] == [len(CONTENT), len(CONTENT), 7]
    assert [it["fault"] for it in documents] == ["", "", "", "", "is text"]
    assert run("weights", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "facebook/sam3  (1 MB, the default)"
    assert Path(lines[3].strip()).read_bytes() == CONTENT
    assert lines[8] == "mine.pt  (is text)"


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("weights", "check", bundled_path()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "this is not Meta's sam3.pt, the one" in lines[0]
    assert "float16, 8,049,439 parameters" in lines[1]
    assert lines[2:4] == ["concepts (PCS): yes", "one object by clicks or a box (PVS): yes"]
    assert run("weights", "check", "--json", bundled_path()) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["name"] == "sam3-tiny.safetensors"
    assert document["published"] is None
    assert document["report"]["parameter_count"] == 8_049_439
    assert run("weights", "check", tmp_path / "nothing.pt") == 4
    assert "got no file nothing.pt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("left_out", "code", "answers", "missing"),
    [
        ("inst_interactive_predictor.", 0, (True, False), 0),
        ("dot_prod_scoring.hs_proj.bias", 4, (False, True), 1),
    ],
)
def test_check_says_what_a_file_lacks(
    left_out: str,
    code: int,
    answers: tuple[bool, bool],
    missing: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with safe_open(bundled_path(), framework="pt") as file:
        described = file.metadata()
    tensors = load_file(bundled_path())
    kept = {name: it for name, it in tensors.items() if not name.startswith(left_out)}
    assert len(kept) < len(tensors)
    path = tmp_path / "mine.safetensors"
    save_file(kept, path, metadata=described)
    assert run("weights", "check", "--json", path) == code
    said = capsys.readouterr()
    report = json.loads(said.out)["report"]
    assert (report["concepts"], report["clicks"]) == answers
    assert len(report["missing"]) == missing
    assert ("which lacks 1 of the network's parameters" in said.err) == (code == 4)


def test_long_lists_of_names_are_cut() -> None:
    names = tuple(f"layer.{number}" for number in range(1_000))
    assert weights_command._some(()) == "nothing"
    assert weights_command._some(names[:2]) == "layer.0, layer.1"
    assert weights_command._some(names).endswith("layer.5 and 994 more")


def test_the_bar_follows_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    bar = weights_command._Bar()
    bar.close()
    for done in (5, 7, 3, 10):
        bar.show(getting.Progress(done, 10, 1.0, 1.0))
    assert bar._bar is not None
    bar.close()
    assert capsys.readouterr().out == ""
