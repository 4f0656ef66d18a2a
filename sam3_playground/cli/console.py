"""What the commands share: options that mean the same in each, and lines for people."""

from __future__ import annotations

import logging
import sys
from typing import Annotated, Optional

import typer
from tqdm import tqdm

Weights = Annotated[
    Optional[str],  # noqa: UP045 (typer reads the annotation at run time, on Python 3.10 too)
    typer.Option(help='Checkpoint file, hub id such as facebook/sam3, or "tiny".'),
]
Device = Annotated[Optional[str], typer.Option(help="cpu, cuda, cuda:1, ...")]  # noqa: UP045
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that stand where outputs go.")
]


def say(line: str) -> None:
    """A line for people: on standard error, so that standard output stays JSON."""
    tqdm.write(line, file=sys.stderr)


class _Console(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """A line, with its level in front where it is a warning or worse."""
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        say(level + record.getMessage())


def show_log() -> None:
    """Say what the package notes of its work."""
    log = logging.getLogger("sam3_playground")
    log.handlers[:] = [_Console()]
    log.setLevel(logging.INFO)
    log.propagate = False
