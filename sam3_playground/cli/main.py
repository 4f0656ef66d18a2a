"""The playground's commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from sam3_playground import __version__
from sam3_playground.cli.info_command import info
from sam3_playground.cli.segment_command import segment
from sam3_playground.cli.serve_command import serve
from sam3_playground.cli.weights_command import weights
from sam3_playground.collector import leave_at_once
from sam3_playground.console import command_line, run_commands

app = command_line("A playground for SAM 3: find everything you name, or cut out what you click.")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors raised on purpose become one line and their exit code.

    Args:
        arguments: What was typed after the program's name; None takes the process's own.
    """
    leave_at_once()
    run_commands(app, arguments)


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer's callback)
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[  # noqa: FBT002 (typer's way to say a flag)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of all commands."""


app.command()(segment)
app.add_typer(weights, name="weights")
app.command()(info)


app.command()(serve)
