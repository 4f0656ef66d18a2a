"""A real server, a real Chromium."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.bench import Bench
from tests.fakes import disc_image

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
# Red discs at (150, 120) and (450, 150), a green one at (320, 360).
DISCS = [("red", 150, 120, 50), ("red", 450, 150, 70), ("green", 320, 360, 60)]

OpenBench = Callable[..., Bench]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or else Playwright's own."""
    debian = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=debian if debian.exists() else None, args=FLAGS
        )
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed after this folder's tests: while it is open, its event loop runs in this thread."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def fake_url() -> Iterator[str]:
    """The page over the fake segmenter."""
    with serving("-m", "tests.browser.serve_fake") as url:
        yield url


@contextmanager
def serving(*command: str, after: tuple[str, ...] = (), port: int = 0) -> Iterator[str]:
    """A server process of this Python, given its port and then `after`: its URL."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, *command, str(port), *after],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 4):
        if process.poll() is not None:
            break
        try:
            httpx.head(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server did not start")


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


@pytest.fixture(scope="package")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "discs.png"
    Image.fromarray(disc_image(DISCS, 480, 640).pixels).save(path)
    return path
