"""A real server, a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.bench import Bench
from tests.browser.chrome import chromium
from tests.fakes import disc_image
from tests.servers import serving

# Red discs at (150, 120) and (450, 150), a green one at (320, 360).
DISCS = [("red", 150, 120, 50), ("red", 450, 150, 70), ("green", 320, 360, 60)]

OpenBench = Callable[..., Bench]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed after this folder's tests: while it is open, its event loop runs in this thread."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def fake_url() -> Iterator[str]:
    """The page over the fake segmenter."""
    with serving("-m", "tests.browser.serve_fake") as url:
        yield url


@pytest.fixture
def open_bench(browser: Browser, fake_url: str) -> Iterator[OpenBench]:
    """Visitors of their own: each call opens another browser context."""
    contexts = []
    benches: list[Bench] = []

    def visit(url: str = fake_url, **options: Any) -> Bench:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 850}, **options})
        contexts.append(context)
        benches.append(Bench(context.new_page(), url))
        return benches[-1]

    yield visit
    for context in contexts:
        context.close()
    assert [error for bench in benches for error in bench.errors] == []


@pytest.fixture
def bench(open_bench: OpenBench, discs: Path) -> Bench:
    """A visitor with the discs before them."""
    visitor = open_bench()
    visitor.open(discs)
    return visitor


@pytest.fixture(scope="session")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "discs.png"
    Image.fromarray(disc_image(DISCS, 480, 640).pixels).save(path)
    return path
