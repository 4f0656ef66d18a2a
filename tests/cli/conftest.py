"""The command line over a segmenter that finds discs by their colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from sam3_playground.cli.main import main
from tests.fakes import FakeSegmenter, disc_image

DISCS = [("red", 30, 30, 15), ("red", 100, 40, 12), ("blue", 60, 90, 20)]


class Loader:
    """Stands where weights are loaded, and counts how often."""

    def __init__(self) -> None:
        self.segmenter = FakeSegmenter()
        self.loads = 0

    def __call__(self, *_: object, **__: object) -> FakeSegmenter:
        self.loads += 1
        return self.segmenter


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    loader = Loader()
    monkeypatch.setattr("sam3_playground.pipeline.loading.load_segmenter", loader)
    return loader


def save_discs(path: Path) -> Path:
    """Two red discs and a blue one, in the format of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(disc_image(DISCS).pixels).save(path)
    return path


def run(*arguments: object, program: Callable[[list[str]], None] = main) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as stop:
        program([str(argument) for argument in arguments])
    code = stop.value.code
    return code if isinstance(code, int) else 0
