"""SAM3_WEIGHTS_DIR holds for every door that loads weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sam3_playground
from sam3_playground.cli.serve import build_service
from sam3_playground.config import Settings
from sam3_playground.pipeline.loading import load_segmenter
from sam3_playground.weights.bundled_file import bundled_path
from tests.cli.conftest import run, save_discs
from tests.fakes import FakeSegmenter


def by_command(tmp_path: Path) -> None:
    run("segment", save_discs(tmp_path / "discs.png"), "--concept", "red", "--json")


def by_python(_: Path) -> None:
    sam3_playground.load()


def by_server(_: Path) -> None:
    build_service(Settings.from_environment())._begin()


@pytest.mark.parametrize("door", [by_command, by_python, by_server])
def test_it_is_passed_on(
    door: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def load(*_: object, **options: object) -> FakeSegmenter:
        asked.append(options["weights_folder"])
        return FakeSegmenter()

    monkeypatch.setenv("SAM3_WEIGHTS_DIR", str(tmp_path / "own"))
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", load)
    door(tmp_path)
    assert asked == [tmp_path / "own"]


def test_a_file_in_it_is_loaded_by_its_name(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.safetensors").symlink_to(bundled_path())
    segmenter = load_segmenter(
        "mine.safetensors", device="cpu", weights_folder=folder, say=lambda _: None
    )
    assert segmenter.weights.name == "mine.safetensors"
