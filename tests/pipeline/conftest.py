"""Segmenters over a small random network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sam3_playground.model import Runner
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.weights.resolving import WeightsInfo
from tests.model.conftest import make_runner, small_network, unchanged

__all__ = ["make_runner", "small_network", "unchanged"]


@pytest.fixture(scope="session")
def make_segmenter(make_runner: Callable[..., Runner]) -> Callable[..., LocalSegmenter]:
    """Segmenters over the small random network, each with caches of its own."""

    def make(cache_bytes: int = 2**30) -> LocalSegmenter:
        weights = WeightsInfo("random", bundled=False, path=Path("random"))
        return LocalSegmenter(make_runner(), weights, cache_bytes=cache_bytes)

    return make
