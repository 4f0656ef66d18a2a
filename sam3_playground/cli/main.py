"""Commands, their options, and how errors become exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from sam3_playground import __version__
from sam3_playground.cli.console import Device, Overwrite, Weights, say
from sam3_playground.cli.segment_command import segment
from sam3_playground.config import Settings
from sam3_playground.errors import PlaygroundError
from sam3_playground.server.listening import parse_port

app = typer.Typer(
    help="A playground for SAM 3: find everything you name, or cut out what you click.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors raised on purpose become one line and their exit code.

    Args:
        arguments: What was typed after the program's name; None takes the process's own.
    """
    try:
        app(arguments)
    except PlaygroundError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)


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


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(envvar="GRADIO_SERVER_NAME", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        str,
        typer.Option(envvar="GRADIO_SERVER_PORT", help="Port of page and API; 0 takes a free one."),
    ] = "7860",
    weights: Weights = None,
    device: Device = None,
) -> None:
    """Open the page and the REST API on one port."""
    from sam3_playground.cli.serve import serve_playground

    serve_playground(
        Settings.from_environment(), host, parse_port(port), weights=weights, device=device
    )


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(help="Where log and state go; resumed if there.")],
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    processes: Annotated[int, typer.Option(help="On a CPU: processes of one thread each.")] = 2,
    workers: Annotated[int, typer.Option(help="On CUDA: processes that draw scenes.")] = 0,
    minutes: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Stop, and keep the state, after so long."),
    ] = None,
    begin_with: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Checkpoint to begin with instead of random weights."),
    ] = None,
    first_stage: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Stage of the recipe to begin at, such as masks."),
    ] = None,
    publish: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write the averaged weights to this .safetensors file at the end."),
    ] = None,
    overwrite: Overwrite = False,  # noqa: FBT002 (typer's way to say a flag)
) -> None:
    """Train the bundled checkpoint from nothing, or go on where a run stopped."""
    from training.command import train_command

    train_command(
        folder,
        device,
        processes,
        workers,
        minutes,
        begin_with,
        first_stage,
        publish,
        say,
        overwrite=overwrite,
    )


@app.command()
def evaluate(
    scenes: Annotated[int, typer.Option(help="How many unseen scenes.")] = 500,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a picture of 12 of them with what was found.")
    ] = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    weights: Weights = "tiny",
    device: Device = None,
) -> None:
    """Score weights on scenes they never saw; the card's figures come from here."""
    from training.command import evaluate_command

    scores = evaluate_command(weights, device, scenes, sheet, say, overwrite=overwrite)
    typer.echo(json.dumps(scores, indent=2))
