"""A server as its owner starts it: a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
SERVE = ["-m", "sam3_playground.cli", "serve"]
SECONDS = 120


def own_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAM3_")}
    return kept | {"HF_HUB_OFFLINE": "1"}


@contextmanager
def served(command: list[str], environment: dict[str, str]) -> Iterator[IO[str]]:
    """A server's standard error; told to end afterwards."""
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            yield process.stderr
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            process.wait(SECONDS)
    assert process.returncode == 0
