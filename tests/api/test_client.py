"""The official client works: every SAM 3 call, sync and async, of one image and of lists.

So does what it asks of the server itself: who it is, and what it has loaded.

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
from filelock import FileLock

from sam3_playground.config import Settings
from tests.api.conftest import png, starting

CLIENT = "inference-sdk==1.8.3"
HOME = Path(sys.prefix) / "inference-sdk"
CALLS = Path(__file__).parent / "client_calls.py.txt"

Answers = dict[str, Any]


def python_with_the_client() -> Path:
    """The interpreter of the client's environment, set up if need be, by one process at a time."""
    python = HOME / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    done = HOME / "installed"
    with FileLock(f"{HOME}.lock"):
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


def test_prompts_without_a_kind_of_any_version_of_the_model(answers: Answers) -> None:
    untyped = answers["untyped"]
    assert [result["echo"]["type"] for result in untyped["prompt_results"]] == ["text", "visual"]
    assert counts(untyped) == [2, 1]
    formats = {one["format"] for it in untyped["prompt_results"] for one in it["predictions"]}
    assert formats == {"polygon"}
    assert untyped["resolved_model"]["model_id"] == "fake"


def test_several_visual_prompts(answers: Answers) -> None:
    assert counts(answers["two clicks"]) == [1, 1]
    assert len(answers["two clicks"]["predictions"]) == 2


def test_who_answers_and_what_is_loaded(answers: Answers) -> None:
    assert answers["info"].keys() == {"name", "version", "uuid"}
    assert all(answers["info"].values())
    models = answers["loaded"]["models"]
    assert [model["model_id"] for model in models] == ["sam3/sam3_final", "sam3/sam3_interactive"]
    assert answers["described"] == models[0]
    assert answers["loaded, async"] == answers["loaded, key in the header"] == answers["loaded"]


def test_a_key_in_the_header(answers: Answers) -> None:
    assert counts(answers["words, key in the header"]) == counts(answers["words"])


def test_what_is_not_served_is_told_in_words(answers: Answers) -> None:
    assert answers["meshes"]["status"] == answers["meshes, async"]["status"] == 501
    assert answers["meshes"]["message"].startswith("expected a request for masks")
    assert answers["another model"]["status"] == 404
    assert answers["another model"]["message"].startswith("expected a model_id of SAM 3")


def test_the_client_reads_the_time_of_an_answer(answers: Answers) -> None:
    ((model, seconds),) = answers["times"]
    assert model == "sam3/another_version"
    assert 0 < seconds < 60


def test_without_keys_the_calls_answer_the_same_but_for_the_id(
    answers: Answers, tmp_path: Path
) -> None:
    keyless = answers_of(Settings(), tmp_path)
    made = answers["embedding without id"]["image_id"]
    assert keyless.keys() == answers.keys()
    assert counts(keyless["words"]) == counts(answers["words"])
    calls = ("embedding", "embedding without id", "embedding, async")
    assert {keyless[call]["image_id"] for call in calls} == {made}


@pytest.mark.parametrize("call", ["words", "untyped", "clicks", "embedding"])
def test_lists_are_answered_in_full(answers: Answers, call: str) -> None:
    for kind in ("list", "async list"):
        assert len(answers[f"{call}, {kind}"]) == 2


@pytest.mark.parametrize("call", ["words", "untyped", "clicks", "embedding"])
def test_async_calls_answer_the_same(answers: Answers, call: str) -> None:
    def timeless(answer: Answers) -> Answers:
        return {key: value for key, value in answer.items() if key != "time"}

    assert timeless(answers[f"{call}, async"]) == timeless(answers[call])
