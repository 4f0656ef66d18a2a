"""Code that was copied, run as it is, gives the same instances: in all five languages.

A server with the bundled checkpoint answers, and the drawn scene lies in a folder under a name
that has to be quoted. The texts of a language share a process where starting one takes seconds.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sam3_playground import ConceptRequest, MaskCleanup, Result
from sam3_playground.cli.main import main
from sam3_playground.core.rle import mask_to_rle, rle_to_mask
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.formats.code import LANGUAGES, code_for
from sam3_playground.pipeline.answer import answer
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import starting
from tests.api.test_client import python_with_the_client
from tests.copied_requests import ALL, DRAWN, NAME, SAID_BY_ALL, SAID_BY_SOME
from tests.servers import ROOT

SAID = [(language, name) for name in SAID_BY_ALL for language in LANGUAGES] + [
    (language, name)
    for name, (_, languages) in SAID_BY_SOME.items()
    for language in sorted(languages)
]
UNSAID = [
    (language, name)
    for name, (_, languages) in SAID_BY_SOME.items()
    for language in LANGUAGES
    if language not in languages
]

# Runs texts one after the other, and prints what each printed.
RUN_ALL = """
import contextlib, io, json, sys
printed = {}
for name, text in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(text, name, "exec"), {})
    printed[name] = out.getvalue()
print(json.dumps(printed))
"""
LOAD_ONCE = "import functools, sam3_playground as s; s.load = functools.cache(s.load)\n"
# Writes down how it was called: the number of its arguments, and each of them.
WRITE_DOWN = """#!/bin/sh
printf '%s\\0' "$#" "$@" >> "$CALLS"
"""

Printed = dict[str, str]
Row = tuple[list[float], list[Any]]


@pytest.fixture(scope="module")
def url(bundled: Segmenter) -> Iterator[str]:
    with starting() as start:
        yield start(service=SegmenterService.of(bundled)).url


@pytest.fixture(scope="module")
def expected(bundled: Segmenter) -> Callable[[str], list[Row]]:
    """The pipeline's own answer, and at least one instance in it."""

    @cache
    def ask(name: str) -> list[Row]:
        result = answer(bundled, DRAWN.image, ALL[name])
        assert result.instances
        return rows_of(result)

    return ask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copied")
    shutil.copy(DRAWN.path, folder / NAME)
    return folder


@pytest.fixture(scope="module")
def printed(url: str, folder: Path, bundled: Segmenter) -> Callable[[str], Printed]:
    """What the texts of a language print."""

    @cache
    def run(language: str) -> Printed:
        texts = {
            name: code_for(language, request, NAME, url, weights="tiny")
            for name, request in ALL.items()
        }
        if language == "cli":
            return run_commands(texts, folder, bundled)
        if language == "curl":
            return {name: run_process("bash", text, folder) for name, text in texts.items()}
        python = python_with_the_client() if language == "inference-sdk" else sys.executable
        before = LOAD_ONCE if language == "python" else ""
        values: Printed = json.loads(
            run_process(str(python), json.dumps(texts), folder, "-c", before + RUN_ALL)
        )
        return values

    return run


def run_process(program: str, text: str, folder: Path, *arguments: str, **changes: str) -> str:
    """What a program prints that is given a text."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_PROXY": "*"}
    done = subprocess.run(
        [program, *arguments],
        input=text,
        cwd=folder,
        env=environment | changes,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_commands(texts: Printed, folder: Path, segmenter: Segmenter) -> Printed:
    """What commands print that bash has read, with the weights that are loaded."""
    shim = folder / "bin" / "sam3-playground"
    shim.parent.mkdir()
    shim.write_text(WRITE_DOWN, encoding="utf-8")
    shim.chmod(0o755)
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    values = {}
    for number, (name, text) in enumerate(texts.items()):
        calls = folder / f"calls {number}"
        run_process("bash", text, folder, PATH=path, CALLS=str(calls))
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            pytest.MonkeyPatch.context() as patch,
        ):
            loading = "sam3_playground.pipeline.loading.load_segmenter"
            patch.setattr(loading, lambda *_, **__: segmenter)
            patch.chdir(folder)
            for arguments in written_calls(calls.read_text(encoding="utf-8")):
                with pytest.raises(SystemExit) as stop:
                    main(arguments)
                assert not stop.value.code, name
        values[name] = out.getvalue()
    return values


def written_calls(text: str) -> Iterator[list[str]]:
    words = iter(text.split("\0")[:-1])
    for count in words:
        yield [next(words) for _ in range(int(count))]


def rows_printed(text: str) -> list[Row]:
    """Scores and masks of each prompt, from what a text printed: a document a line."""
    documents = [json.loads(line) for line in text.splitlines()]
    results = [found for document in documents for found in document["prompt_results"]]
    return [
        (
            [one["confidence"] for one in found["predictions"]],
            [one["masks"] for one in found["predictions"]],
        )
        for found in results
    ]


def rows_of(result: Result) -> list[Row]:
    return [
        (
            [one.score for one in found.instances],
            [dict(mask_to_rle(one.mask)) for one in found.instances],
        )
        for found in result.prompt_results
    ]


def assert_same(rows: list[Row], expected: list[Row]) -> None:
    """Scores but for the last bits of a float, boxes and masks to the pixel."""
    assert len(rows) == len(expected)
    for (scores, masks), (true_scores, true_masks) in zip(rows, expected, strict=True):
        assert scores == pytest.approx(true_scores, rel=1e-4, abs=1e-12)
        boxes = [rle_to_mask(rle).box_xyxy for rle in masks]
        assert boxes == [rle_to_mask(rle).box_xyxy for rle in true_masks]
        assert masks == true_masks


def assert_differ(rows: list[Row], others: list[Row]) -> None:
    """By more than is let pass as the same."""
    with pytest.raises(AssertionError):
        assert_same(rows, others)


@pytest.mark.parametrize(("language", "name"), SAID)
def test_what_was_copied_gives_the_same_instances(
    language: str,
    name: str,
    printed: Callable[[str], Printed],
    expected: Callable[[str], list[Row]],
) -> None:
    assert_same(rows_printed(printed(language)[name]), expected(name))


@pytest.mark.parametrize(("language", "name"), UNSAID)
def test_what_a_language_cannot_say_stands_at_the_top(
    language: str, name: str, printed: Callable[[str], Printed], url: str
) -> None:
    text = code_for(language, ALL[name], NAME, url)
    assert text.startswith("# Not said here: ")
    # What comes closest is asked all the same, of every prompt.
    request = ALL[name]
    prompts = request.prompts if isinstance(request, ConceptRequest) else request.objects
    assert len(rows_printed(printed(language)[name])) == len(prompts)


@pytest.mark.parametrize(("language", "name"), SAID)
def test_what_is_said_is_not_called_unsaid(language: str, name: str, url: str) -> None:
    assert "Not said here" not in code_for(language, ALL[name], NAME, url)


def test_the_requests_differ_in_what_they_find(
    bundled: Segmenter, expected: Callable[[str], list[Row]]
) -> None:
    counts = [
        sum(len(scores) for scores, _ in expected(f"NMS {mode}"))
        for mode in ("off", "within", "across")
    ]
    assert counts[0] > counts[1] > counts[2], counts
    for name in ("cleanup of concepts", "cleanup of objects"):
        plain = replace(ALL[name], cleanup=MaskCleanup())
        assert_differ(rows_of(answer(bundled, DRAWN.image, plain)), expected(name))
    for name in ("corrected instances", "a corrected instance"):
        request = ALL[name]
        assert isinstance(request, ConceptRequest)
        uncorrected = replace(request, corrections=())
        assert_differ(rows_of(answer(bundled, DRAWN.image, uncorrected)), expected(name))
        assert not any(one.misfits for one in answer(bundled, DRAWN.image, request).prompt_results)
    assert_differ(expected("another mask than the first"), expected("a click"))
    assert_differ(expected("three masks for a clear prompt"), expected("clicks and a box"))


def test_a_command_runs_without_any_help(
    folder: Path, url: str, expected: Callable[[str], list[Row]]
) -> None:
    text = code_for("cli", ALL["strange words"], NAME, url, weights="tiny")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    rows = rows_printed(run_process("bash", text, folder, PATH=path))
    assert_same(rows, expected("strange words"))


def test_nothing_in_a_text_is_run_that_was_not_meant(
    printed: Callable[[str], Printed], folder: Path
) -> None:
    assert all(printed(language) for language in LANGUAGES)
    assert not list(folder.glob("*pwned"))
