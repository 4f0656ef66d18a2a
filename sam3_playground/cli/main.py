"""Commands, their options, and how errors become exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from tqdm import tqdm

from sam3_playground import __version__
from sam3_playground.cli.parsing import concept_prompts, visual_prompt
from sam3_playground.config import Settings
from sam3_playground.core.prompts import validated_unit_interval
from sam3_playground.core.selection import DEFAULT_SCORE_THRESHOLD
from sam3_playground.errors import InvalidPromptError, PlaygroundError
from sam3_playground.wire import mask_format

app = typer.Typer(
    help="A playground for SAM 3: find everything you name, or cut out what you click.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Weights = Annotated[
    Optional[str],  # noqa: UP045 (typer reads the annotation at run time, on Python 3.10 too)
    typer.Option(help='Checkpoint file, hub id such as facebook/sam3, or "tiny".'),
]
Device = Annotated[Optional[str], typer.Option(help="cpu, cuda, cuda:1, ...")]  # noqa: UP045


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


def say(line: str) -> None:
    """A line for people: on standard error, so that standard output stays JSON."""
    tqdm.write(line, file=sys.stderr)


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


@app.command()
def segment(
    images: Annotated[list[Path], typer.Argument(help="Image files.", metavar="IMAGE...")],
    concept: Annotated[
        list[str], typer.Option(help="Words for a concept; several with commas or repeated.")
    ] = [],  # noqa: B006 (typer copies it)
    exemplar: Annotated[
        list[str],
        typer.Option(
            help="A box around an example, --exemplar=+x0,y0,x1,y1, or around what is not "
            "meant, --exemplar=-x0,... With several concepts: --exemplar=dog:+x0,..."
        ),
    ] = [],  # noqa: B006
    threshold: Annotated[
        float, typer.Option(help="Least score of an instance, 0 to 1.")
    ] = DEFAULT_SCORE_THRESHOLD,
    nms: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Of two masks that overlap by more than this IoU, keep the better."),
    ] = None,
    click: Annotated[
        list[str],
        typer.Option(help="A point on one object, --click=+x,y, or off it, --click=-x,y."),
    ] = [],  # noqa: B006
    box: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A box around one object, --box=x0,y0,x1,y1."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for NAME.png (drawn) and NAME.json."),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", help="Masks in the JSON: polygon or rle.")
    ] = "polygon",
    as_json: Annotated[  # noqa: FBT002 (typer's way to say a flag)
        bool,
        typer.Option("--json", help="Print JSON: one document, or a line for each of several."),
    ] = False,
    weights: Weights = None,
    device: Device = None,
) -> None:
    """Find every instance of concepts, or cut out one object.

    Concepts: --concept and --exemplar. One object: --click and --box. Coordinates are pixels
    of the image as a viewer shows it.
    """
    from sam3_playground.cli.segment import Outcome, SegmentJob, segment_files

    if (concept or exemplar) and (click or box):
        raise InvalidPromptError(
            "expected either concepts (--concept, --exemplar) or one object (--click, --box), "
            "got both"
        )
    if not (concept or exemplar or click or box):
        raise InvalidPromptError("expected --concept, --exemplar, --click or --box, got none")
    settings = Settings.from_environment()
    prompt = visual_prompt(click, box) if click or box else concept_prompts(concept, exemplar)
    job = SegmentJob(
        prompt=prompt,
        score_threshold=validated_unit_interval(threshold, name="--threshold"),
        iou_threshold=None if nms is None else validated_unit_interval(nms, name="--nms"),
        mask_format=mask_format(output_format),
        out=out,
        max_pixels=settings.max_pixels,
    )
    from sam3_playground.model import load_segmenter

    segmenter = load_segmenter(
        weights or settings.weights,
        device=device or settings.device,
        cache_bytes=0,
        cpu_bfloat16=settings.cpu_bfloat16,
        say=say,
    )
    say(f"{segmenter.weights.summary} on {segmenter.device}")
    if segmenter.weights.note:
        say(segmenter.weights.note)

    with tqdm(total=len(images), unit="image", disable=len(images) == 1, file=sys.stderr) as bar:

        def done(outcome: Outcome) -> None:
            bar.update()
            say(f"error: {outcome.error}" if outcome.error else outcome.line)
            if as_json and outcome.response is not None:
                extra = {"image": str(outcome.path)} if len(images) > 1 else {}
                typer.echo(json.dumps(extra | outcome.response))

        outcomes = segment_files(segmenter, job, images, done)
    failed = [outcome.error for outcome in outcomes if outcome.error]
    if failed:
        raise typer.Exit(failed[0].exit_code)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(envvar="GRADIO_SERVER_NAME", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="GRADIO_SERVER_PORT", help="Port of page and API.")
    ] = 7860,
    weights: Weights = None,
    device: Device = None,
) -> None:
    """Open the page and the REST API on one port."""
    from sam3_playground.cli.serve import serve_playground

    serve_playground(Settings.from_environment(), host, port, weights=weights, device=device)


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
) -> None:
    """Train the bundled checkpoint from nothing, or go on where a run stopped."""
    from sam3_playground.training.command import train_command

    train_command(
        folder, device, processes, workers, minutes, begin_with, first_stage, publish, say
    )


@app.command()
def evaluate(
    scenes: Annotated[int, typer.Option(help="How many unseen scenes.")] = 500,
    sheet: Annotated[
        Path | None, typer.Option(help="Write a picture of 12 of them with what was found.")
    ] = None,
    weights: Weights = "tiny",
    device: Device = None,
) -> None:
    """Score weights on scenes they never saw; the card's figures come from here."""
    from sam3_playground.training.command import evaluate_command

    typer.echo(json.dumps(evaluate_command(weights, device, scenes, sheet, say), indent=2))
