"""`python -m training train | evaluate | exclusions | habits | history`, and their options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Optional

import typer

from sam3_playground.console import Device, Overwrite, Weights, command_line, run_commands, say

app = command_line("Make the bundled checkpoint from drawn scenes, and score weights on them.")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors raised on purpose become one line and their exit code.

    Args:
        arguments: What was typed after the program's name; None takes the process's own.
    """
    run_commands(app, arguments)


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(help="Where log and state go; resumed if there.")],
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    processes: Annotated[int, typer.Option(help="On a CPU: processes of one thread each.")] = 2,
    workers: Annotated[int, typer.Option(help="On CUDA: processes that draw scenes.")] = 0,
    minutes: Annotated[
        Optional[float],  # noqa: UP045 (typer reads the annotation at run time)
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
    keep_every: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Keep the averaged weights after so many steps, for history."),
    ] = None,
    average_with: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Publish the mean of its weights and these, kept with --keep-every."),
    ] = None,
    average_share: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="What its weights count in that mean, from 0 to 1; a half if not said."),
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
        keep_every=keep_every,
        average_with=average_with,
        average_share=average_share,
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


@app.command()
def exclusions(
    scenes: Annotated[int, typer.Option(help="How many scenes that are drawn to confuse.")] = 100,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a picture of 12 cases, without the box and with it.")
    ] = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    weights: Weights = "tiny",
    device: Device = None,
) -> None:
    """Count what a negative box takes out of what was found without it, and what stays."""
    from training.command import exclusions_command

    counted = exclusions_command(weights, device, scenes, sheet, say, overwrite=overwrite)
    typer.echo(json.dumps({"scenes": scenes, **counted}, indent=2))


@app.command()
def habits(
    scenes: Annotated[int, typer.Option(help="How many scenes of the project's, and others.")] = 40,
    weights: Weights = "tiny",
    device: Device = None,
) -> None:
    """Count what users run into: look-alike shapes, twins, phrases as written, photographs."""
    from training.command import habits_command

    counted = habits_command(weights, device, scenes, say)
    typer.echo(json.dumps({"scenes": scenes, **counted}, indent=2))


@app.command()
def history(
    folder: Annotated[Path, typer.Argument(help="Of a run that kept weights on its way.")],
    scenes: Annotated[int, typer.Option(help="How many scenes for each figure.")] = 20,
    device: Device = None,
) -> None:
    """Measure what a run kept with --keep-every; what was measured before is not again."""
    from training.command import history_command

    typer.echo(history_command(folder, device, scenes, say))


if __name__ == "__main__":
    main()
