"""The browser of the tests: one that is there, or `python -m tests.browser.chrome` gets one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # without a window there is nobody to ask
]
# The first draws no window around a page, which takes a quarter less of the tests' time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = (
    "expected Chromium or Chrome for the tests of the page, got none, and none could be installed: "
    "put one into PATH, on Debian by `apt-get install chromium`, "
    "elsewhere by `.venv/bin/python -m playwright install --with-deps chromium`"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of one's own: the system's, or else Playwright's."""
    with sync_playwright() as playwright:
        path = on_system()
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


def on_system() -> Path | None:
    """The system's Chromium or Chrome; None where it has none that runs."""
    found = (shutil.which(name) for name in (*NAMES, *ELSEWHERE))
    return next((Path(path) for path in found if path and runs(path)), None)


def runs(path: str) -> bool:
    """Whether a browser starts: a distribution may put a note in the place of one."""
    try:
        told = subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0


def is_there() -> bool:
    """Whether tests can have a browser: whether one opens."""
    try:
        with chromium():
            return True
    except Error:
        return False


def ways() -> Iterable[list[list[str]]]:
    """The commands that may bring a browser, the likeliest first."""
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--no-install-recommends"]
        yield [["apt-get", "update"], [*install, "chromium-headless-shell"]]
        yield [[*install, "chromium"]]
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]


def main() -> None:
    """Get a browser if there is none, or end with what to do."""
    if is_there():
        return
    for commands in ways():
        all(subprocess.run(command, check=False).returncode == 0 for command in commands)
        if is_there():
            return
    sys.exit(ADVICE)


if __name__ == "__main__":
    main()
