"""The bundled weights, loaded once for all tests that ask the real network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import sam3_playground
from sam3_playground.pipeline.local import LocalSegmenter

# Enough for all example scenes: each is encoded once.
CACHE_MB = 256

# Files that take longest, most of it waiting for servers: begun first, none is alone at the end.
LONG = (
    "tests/browser/test_kept.py",
    "tests/browser/test_weights_panel.py",
    "tests/server/test_ending.py",
    "tests/browser/test_page.py",
    "tests/browser/test_accessible.py",
    "tests/browser/test_concept_tab.py",
    "tests/test_memory.py",
    "tests/test_image_corpus.py",
    "tests/browser/test_behind_a_proxy.py",
    "tests/browser/test_bundled_checkpoint.py",
    "tests/cli/test_start.py",
    "tests/browser/test_mending.py",
    "tests/test_benchmarks.py",
    "tests/browser/test_take_away.py",
    "tests/browser/test_drawn_in_browser.py",
    "tests/cli/test_weights_told.py",
    "tests/test_copied_code.py",
    "tests/browser/test_shown.py",
    "tests/browser/test_identity.py",
    "tests/browser/test_several_images.py",
    "tests/browser/test_large_images.py",
    "tests/training/test_loop.py",
    "tests/test_same_result.py",
    "tests/server/test_forged_requests.py",
    "tests/model/test_layouts.py",
    "tests/browser/test_object_tab.py",
    "tests/pipeline/test_zerogpu.py",
    "tests/test_space.py",
    "tests/browser/test_weights_fetched.py",
    "tests/browser/test_masks_group.py",
    "tests/test_bundled.py",
    "tests/browser/test_coordinates.py",
    "tests/browser/test_suppression.py",
    "tests/test_wheel.py",
    "tests/ui/test_session.py",
    "tests/test_mended_masks.py",
    "tests/weights/test_early_refusals.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files first; all others stay in their order."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    items.sort(key=rank)


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
