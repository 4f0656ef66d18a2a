"""What command lines share: options, lines for people, and how errors become exit codes."""

from __future__ import annotations

import logging
import sys
from typing import Annotated, Optional

import typer
from tqdm import tqdm

from sam3_playground.errors import PlaygroundError

Weights = Annotated[
    Optional[str],  # noqa: UP045 (typer reads the annotation at run time, on Python 3.10 too)
    typer.Option(help='Checkpoint file, hub id such as facebook/sam3, or "tiny".'),
]
ClickWeights = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Weights whose click head answers clicks and boxes, if others have none."),
]
Device = Annotated[Optional[str], typer.Option(help="cpu, cuda, cuda:1, ...")]  # noqa: UP045
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that stand where outputs go.")
]


def say(line: str) -> None:
    """A line for people: on standard error, so that standard output stays JSON."""
    tqdm.write(line, file=sys.stderr)


def command_line(summary: str) -> typer.Typer:
    """A command line without commands yet; `run_commands` runs it."""
    return typer.Typer(
        help=summary, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )


def run_commands(app: typer.Typer, arguments: list[str] | None = None) -> None:
    """Run a command line; errors raised on purpose become one line and their exit code.

    Args:
        app: What `command_line` gave, with its commands.
        arguments: What was typed after the program's name; None takes the process's own.

    Raises:
        SystemExit: Always, with the exit code: 0 where all went well.
    """
    try:
        app(arguments)
    except PlaygroundError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)


class _Console(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """A line, with its level in front where it is a warning or worse."""
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        say(level + record.getMessage())


def show_log(level: str = "info") -> None:
    """Say what the package notes of its work, from a level on that `logging` knows."""
    log = logging.getLogger("sam3_playground")
    log.handlers[:] = [_Console()]
    log.setLevel(level.upper())
    log.propagate = False
