"""The official client works: every SAM 3 call, sync and async, of one image and of lists.

Its pins (numpy below 2.3, opencv-python, supervision below 0.31) clash with ours, so it has
an environment of its own beside this one, set up by the first run and kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sam3_playground.config import Settings
from tests.api.conftest import png, starting

CLIENT = "inference-sdk==1.8.3"
HOME = Path(sys.prefix) / "inference-sdk"
CALLS = Path(__file__).parent / "client_calls.py.txt"

Answers = dict[str, Any]


def python_with_the_client() -> Path:
    """The interpreter of the client's environment, set up if need be."""
    python = HOME / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = HOME / "installed"
    if not done.exists() or done.read_text(encoding="utf-8") != CLIENT:
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", CLIENT], check=True)
        done.write_text(CLIENT, encoding="utf-8")
    return python


def answers_of(settings: Settings, folder: Path) -> Answers:
    """What the client returned, by call."""
    python = python_with_the_client()
    image = folder / "discs.png"
    image.write_bytes(png())
    with starting() as start:
        api = start(settings)
        done = subprocess.run(
            [python, CALLS, api.url, "a-key", image], check=False, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    values: Answers = json.loads(done.stdout.splitlines()[-1])
    return values


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What the client returned from a server with keys."""
    keys = frozenset({"a-key"})
    return answers_of(Settings(api_keys=keys), tmp_path_factory.mktemp("client"))


def counts(answer: Answers) -> list[int]:
    return [len(result["predictions"]) for result in answer["prompt_results"]]


def test_concepts(answers: Answers) -> None:
    assert counts(answers["words"]) == [2, 1]
    assert counts(answers["boxes"]) == [1]
    assert answers["boxes"]["prompt_results"][0]["predictions"][0]["format"] == "rle"


def test_clicks(answers: Answers) -> None:
    assert len(answers["clicks"]["predictions"]) == 1
    assert answers["clicks as RLE"]["predictions"][0]["masks"]["size"] == [120, 160]


def test_embeddings(answers: Answers) -> None:
    assert answers["embedding"]["image_id"] == "mine"
    assert answers["embedding without id"]["image_id"]


def test_without_keys_the_calls_answer_the_same_but_for_the_id(
    answers: Answers, tmp_path: Path
) -> None:
    keyless = answers_of(Settings(), tmp_path)
    made = answers["embedding without id"]["image_id"]
    assert keyless.keys() == answers.keys()
    assert counts(keyless["words"]) == counts(answers["words"])
    calls = ("embedding", "embedding without id", "embedding, async")
    assert {keyless[call]["image_id"] for call in calls} == {made}


@pytest.mark.parametrize("call", ["words", "clicks", "embedding"])
def test_lists_are_answered_in_full(answers: Answers, call: str) -> None:
    for kind in ("list", "async list"):
        assert len(answers[f"{call}, {kind}"]) == 2


@pytest.mark.parametrize("call", ["words", "clicks", "embedding"])
def test_async_calls_answer_the_same(answers: Answers, call: str) -> None:
    def timeless(answer: Answers) -> Answers:
        return {key: value for key, value in answer.items() if key != "time"}

    assert timeless(answers[f"{call}, async"]) == timeless(answers[call])
