"""The bundled weights, loaded once for all tests that ask the real network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sam3_playground
from sam3_playground.pipeline.local import LocalSegmenter

# Enough for all example scenes: each is encoded once.
CACHE_MB = 256


@pytest.fixture(scope="session")
def bundled() -> LocalSegmenter:
    """The bundled checkpoint on the CPU, as `load` gives it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAM3_CACHE_MB", str(CACHE_MB))
        segmenter = sam3_playground.load("tiny", device="cpu").segmenter
    assert isinstance(segmenter, LocalSegmenter)
    return segmenter


@pytest.fixture
def commands_run_bundled(bundled: LocalSegmenter) -> Iterator[None]:
    """Commands load their weights each time; here they take those that are loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: bundled)
        yield
