"""Code to copy: how it is laid out and quoted, what it says of images behind URLs, and of keys."""

from __future__ import annotations

import ast
import http.server
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sam3_playground
from sam3_playground import (
    Click,
    ConceptPrompt,
    ConceptRequest,
    Correction,
    Exemplar,
    MaskCleanup,
    Nms,
    Playground,
    Result,
    Seed,
    Step,
    VisualObject,
    VisualPrompt,
    VisualRequest,
    visual_request,
)
from sam3_playground.cli.parsing import concept_prompts
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.words import SEPARATORS
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from sam3_playground.formats.code import LANGUAGES, code_for
from sam3_playground.formats.code_layout import json_text, python_text
from sam3_playground.playground import Segmentation
from tests.api.conftest import png, starting
from tests.fakes import FakeSegmenter

URL = "http://127.0.0.1:7860"
RED = ConceptRequest((ConceptPrompt("red"),))
# Would end a comment, a string or a command where they are not quoted.
BREAKING = "a\nimport os\r\u2028\x0bexit 1\0'''\"\\"

_PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(
    _PLAIN, lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=20
)
_WORDS = st.text(min_size=1, max_size=60)
_EXEMPLARS = st.lists(
    st.builds(
        lambda x, y, positive: Exemplar((x, y, x + 1.5, y + 2.25), positive),
        st.floats(-1000, 1000),
        st.floats(-1000, 1000),
        st.booleans(),
    ),
    max_size=3,
)


@given(_VALUES.filter(lambda value: "inf" not in repr(value)))
def test_values_are_read_back_from_json_and_python(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert ast.literal_eval(python_text(value)) == value


def test_long_values_have_a_line_for_each_part() -> None:
    boxes = [{"x0": number, "y0": 2.5} for number in range(3)]
    assert json_text({"boxes": boxes}) == json.dumps({"boxes": boxes})
    text = json_text({"boxes": boxes * 3, "label": "it's"})
    assert text.splitlines()[:3] == ["{", '    "boxes": [', '        {"x0": 0, "y0": 2.5},']
    assert max(map(len, text.splitlines())) < 92


def test_what_cannot_be_seen_is_escaped_and_letters_are_not() -> None:
    assert json_text("é 猫 🐱 \u202e\x7f") == '"é 猫 🐱 \\u202e\\u007f"'
    assert python_text("é 猫 🐱 \u202e\x7f") == '"é 猫 🐱 \\u202e\\x7f"'


def concept_of(words: str, exemplars: list[Exemplar]) -> ConceptPrompt | None:
    try:
        return ConceptPrompt(words, tuple(exemplars))
    except InvalidPromptError:
        return None


def commands_in(text: str) -> list[list[str]]:
    """The words of each command, as a shell reads them."""
    commands: list[list[str]] = []
    for word in shlex.split(text, comments=True):
        if word == "sam3-playground":
            commands.append([])
        commands[-1].append(word)
    return commands


def values_of(command: list[str], option: str) -> list[str]:
    return [word.partition("=")[2] for word in command if word.startswith(f"--{option}=")]


@given(st.lists(st.builds(concept_of, _WORDS, _EXEMPLARS), min_size=1, max_size=3))
def test_a_command_asks_for_the_concepts_that_were_meant(
    concepts: list[ConceptPrompt | None],
) -> None:
    prompts = tuple(one for one in concepts if one is not None and one.text is not None)
    if not prompts or any(set(one.text or "") & set(SEPARATORS) for one in prompts):
        return
    text = code_for("cli", ConceptRequest(prompts), "photo.jpg", URL)
    read = [
        prompt
        for command in commands_in(text)
        for prompt in concept_prompts(values_of(command, "concept"), values_of(command, "exemplar"))
    ]
    assert read == list(prompts)
    assert not text.startswith("#")


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_never_end_their_comment(language: str) -> None:
    step = Step(VisualPrompt((Click(1, 2),)), 1)
    request = VisualRequest((VisualObject(step, BREAKING), VisualObject(step, "other")))
    text = code_for(language, request, "photo.jpg", URL)
    if language in {"curl", "cli"}:
        comments = [line for line in text.splitlines() if line.startswith("#")]
        rest = text.partition("sam3-playground" if language == "cli" else "{\n")
        assert "\n".join(comments) + "\n" == rest[0]
        assert "import os" not in rest[2]
    else:
        imported = [
            alias.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        assert "os" not in imported


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_object_is_asked_for_even_where_its_refined_mask_is_not_said(language: str) -> None:
    base = Step(VisualPrompt((Click(1, 2),)))
    off = Step(VisualPrompt((Click(3, 4, positive=False),)), base=base)
    text = code_for(language, VisualRequest((VisualObject(off),)), "photo.jpg", URL)
    said = {"python": "base=Step(", "cli": "--click=+1,2", "curl": '"x": 1, "y": 2'}
    assert said.get(language, '"x": 1, "y": 2') in text
    assert ("Not said here" in text) == (language != "python")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2])
def test_corrections_are_said_by_this_package_alone(language: str, count: int) -> None:
    seed = Seed(ConceptPrompt("red"), 3, (1, 2, 30, 40))
    every = tuple(Correction(f"0:{n}", "0", (seed,)) for n in range(count))
    text = code_for(language, replace(RED, corrections=every), "photo.jpg", URL)
    what = "one correction" if count == 1 else "2 corrections"
    note = f"# Not said here: {what} of instances by hand. This gives what the concepts find.\n"
    assert text.count("Not said here") == (language != "python")
    assert text.startswith(note) == (language != "python")
    assert text.count("Correction(") == (count if language == "python" else 0)


def test_what_was_corrected_is_asked_for_again_to_the_last_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text makes the very request that it was made of."""
    former = ConceptPrompt(None, (Exemplar((1.5, 2, 3, 4)), Exemplar((5, 6, 7, 8), positive=False)))
    seed, old = Seed(ConceptPrompt("it's"), 3, (1, 2, 30.25, 40)), Seed(former, 0, (1, 2, 3, 4))
    off = VisualPrompt((Click(3, 4, positive=False),), (1, 2, 3, 4))
    request = ConceptRequest(
        (ConceptPrompt("it's", (), 0.25), former),
        ("7", 'a"'),
        0.125,
        Nms("across", 0.25),
        MaskCleanup(1, 2, 3.5),
        (
            Correction("7:3", "7", (seed,), (Step(off, 2, Step(off, base=seed)), seed)),
            Correction("7:+1", "7", (), (Step(off),)),
            Correction('a":0', 'a"', (old, seed)),
        ),
    )
    asked: list[object] = []

    def segment(_: Playground, image: object, meant: object) -> Segmentation:
        asked.append((image, meant))
        return Segmentation(RgbImage(np.zeros((2, 2, 3), np.uint8)), Result((2, 2), ()))

    monkeypatch.setattr(Playground, "segment", segment)
    monkeypatch.setattr(sam3_playground, "load", lambda: Playground(FakeSegmenter()), raising=False)
    exec(code_for("python", request, "photo.jpg", URL), {})
    assert asked == [("photo.jpg", request)]
    assert counts(capsys.readouterr().out) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mask_given_as_numbers_is_said_nowhere(language: str) -> None:
    (item,) = visual_request(VisualPrompt((Click(1, 2),))).objects
    refined = VisualObject(item.step, mask_input=np.zeros((4, 4), np.float32))
    text = code_for(language, VisualRequest((refined,)), "photo.jpg", URL)
    assert text.startswith("# Not said here: object refines a mask given as numbers.")


def test_ids_and_slashes_at_the_end_change_nothing() -> None:
    named = ConceptRequest(RED.prompts, ("seven",))
    for language in LANGUAGES:
        assert code_for(language, named, "a.jpg", URL + "/") == code_for(
            language, RED, "a.jpg", URL
        )


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInputError, match=r"expected language curl, .* or cli, got cobol"):
        code_for("cobol", RED, "photo.jpg", URL)


@pytest.fixture
def image_url(tmp_path: Path) -> Iterator[str]:
    """Where a web server has the picture of discs."""
    (tmp_path / "the discs.png").write_bytes(png())

    class Files(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/the%20discs.png"
        server.shutdown()
        thread.join()


def test_images_behind_urls_on_a_server_with_keys(
    image_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = os.environ | {"SAM3_API_KEY": "a-key", "NO_PROXY": "*"}
    settings = Settings(api_keys=frozenset({"a-key"}), allowed_hosts=frozenset({"127.0.0.1"}))
    request = ConceptRequest(RED.prompts, nms=Nms("off"))
    with starting() as start:
        url = start(settings).url
        for language, program in (("curl", "bash"), ("requests", sys.executable)):
            text = code_for(language, request, image_url, url, needs_key=True)
            done = subprocess.run(
                [program], input=text, env=environment, check=True, capture_output=True, text=True
            )
            assert counts(done.stdout) == [2]
    text = code_for("python", request, image_url, url)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(sam3_playground, "load", lambda: Playground(FakeSegmenter()), raising=False)
    exec(text, {})
    assert counts(capsys.readouterr().out) == [2]
    # A command takes files: curl fetches it first.
    text = code_for("cli", request, image_url, url)
    fetching, command = text.split("\n", 1)
    subprocess.run(["bash", "-c", fetching], cwd=tmp_path, env=environment, check=True)
    file = commands_in(command)[0][2]
    assert (tmp_path / file).read_bytes() == png()


def counts(printed: str) -> list[int]:
    return [len(found["predictions"]) for found in json.loads(printed)["prompt_results"]]


def test_the_sdk_is_given_the_key_and_no_text_holds_one() -> None:
    text = code_for("inference-sdk", RED, "photo.jpg", URL, needs_key=True)
    assert 'api_key=os.environ["SAM3_API_KEY"]' in text
    assert "import os\n" in text
    assert "SAM3_API_KEY" not in code_for("inference-sdk", RED, "photo.jpg", URL)
