"""The command `segment`: its options, and what they ask of every image."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from tqdm import tqdm

from sam3_playground.cli.choices import chosen_exports, chosen_style, list_choices
from sam3_playground.cli.parsing import concept_prompts, visual_prompt
from sam3_playground.cli.plan import Task, find_images, plan_exports, plan_outputs
from sam3_playground.collector import collecting_nothing
from sam3_playground.config import Settings
from sam3_playground.console import ClickWeights, Device, Overwrite, Weights, say
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import DEFAULT_NMS, Nms
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt, validated_unit_interval
from sam3_playground.core.requests import (
    DEFAULT_SCORE_THRESHOLD,
    ConceptRequest,
    Request,
    visual_request,
)
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import InvalidPromptError, PlaygroundError
from sam3_playground.formats.masks import mask_way
from sam3_playground.outputs import check_outputs

if TYPE_CHECKING:
    from sam3_playground.cli.segment import SegmentJob
    from sam3_playground.cli.segment_export import Done


def segment(
    images: Annotated[
        list[Path],
        typer.Argument(
            help='Image files, folders of them, and patterns such as "*.jpg".', metavar="IMAGE..."
        ),
    ],
    recursive: Annotated[  # noqa: FBT002 (typer's way to say a flag)
        bool, typer.Option("--recursive", help="Look into the folders inside folders, too.")
    ] = False,
    concept: Annotated[
        list[str],
        typer.Option(help="Words for a concept; several with commas, semicolons or repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    exemplar: Annotated[
        list[str],
        typer.Option(
            help="A box around an example, --exemplar=+x0,y0,x1,y1, or around what is not "
            "meant, --exemplar=-x0,..., beside words or a box of the first kind. With several "
            "concepts: --exemplar=dog:+x0,..."
        ),
    ] = [],  # noqa: B006
    threshold: Annotated[
        float, typer.Option(help="Confidence threshold, 0 to 1.")
    ] = DEFAULT_SCORE_THRESHOLD,
    nms: Annotated[
        str,
        typer.Option(
            help="Non-maximum suppression: off, within each concept, or across concepts.",
            metavar="off|within|across",
        ),
    ] = DEFAULT_NMS.mode,
    iou: Annotated[
        float,
        typer.Option(help="Of two masks that overlap by more than this IoU, NMS keeps the better."),
    ] = DEFAULT_NMS.iou_threshold,
    click: Annotated[
        list[str],
        typer.Option(
            help="A point on one object, --click=+x,y, or off it, --click=-x,y, beside one on it "
            "or a box."
        ),
    ] = [],  # noqa: B006
    box: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="A box around one object, --box=x0,y0,x1,y1."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="Folder for NAME.png (drawn) and NAME.json, in folders like those of the images."
        ),
    ] = None,
    export: Annotated[
        list[str],
        typer.Option(
            help='Formats for the folder of --out in place of those, such as coco,yolo; "list" '
            "shows them. A run that was interrupted goes on.",
        ),
    ] = [],  # noqa: B006
    overwrite: Overwrite = False,  # noqa: FBT002 (typer's way to say a flag)
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            help='How masks are written in the JSON; "list" shows the ways.',
        ),
    ] = "auto",
    view: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help='What pictures make of the image, such as blurred_background; "list" shows '
            "the views."
        ),
    ] = None,
    fill_holes: Annotated[
        int, typer.Option(help="Fill holes of at most so many pixels.", show_default=False)
    ] = 0,
    min_area: Annotated[
        int,
        typer.Option(
            help="Drop parts of masks that have fewer pixels, and instances without another.",
            show_default=False,
        ),
    ] = 0,
    simplify: Annotated[
        float,
        typer.Option(
            help="Let outlines move by so many pixels to need fewer corners.", show_default=False
        ),
    ] = 0.0,
    as_json: Annotated[  # noqa: FBT002 (typer's way to say a flag)
        bool,
        typer.Option("--json", help="Print JSON: one document, or a line for each of several."),
    ] = False,
    weights: Weights = None,
    click_weights: ClickWeights = None,
    device: Device = None,
) -> None:
    """Find every instance of concepts, or cut out one object.

    Concepts: --concept and --exemplar. One object: --click and --box. Coordinates are pixels
    of the image as a viewer shows it.
    """
    if list_choices(export, output_format, view):
        return
    exports = chosen_exports(export, out)
    style = chosen_style(view)
    settings = Settings.from_environment()
    request = _request(
        concept_prompts(concept, exemplar) if concept or exemplar else [],
        visual_prompt(click, box) if click or box else None,
        threshold=validated_unit_interval(threshold, name="--threshold"),
        nms=Nms(nms, validated_unit_interval(iou, name="--iou")),  # type: ignore[arg-type]
        cleanup=MaskCleanup(fill_holes, min_area, simplify),
    )
    way = mask_way(output_format)
    tasks = find_images(images, recursive=recursive, out=out)
    tasks = plan_exports(tasks) if exports else plan_outputs(tasks, out)
    weights = weights or settings.weights
    click_weights = click_weights or settings.click_weights
    inputs = [task.image for task in tasks]
    inputs += [Path(name) for name in (weights, click_weights) if name]
    if exports and out:
        from sam3_playground.cli.segment_export import check_export_folders

        check_export_folders(exports, out, request, inputs=inputs, overwrite=overwrite)
    else:
        outputs = [file for task in tasks for file in task.outputs]
        check_outputs(outputs, inputs=inputs, overwrite=overwrite)
    from sam3_playground.weights.resolving import check_named

    for named in (weights, click_weights):
        check_named(named or None, settings.weights_folder)
    with collecting_nothing():
        from sam3_playground.pipeline.loading import load_segmenter

        segmenter = load_segmenter(
            weights,
            click_weights=click_weights,
            device=device or settings.device,
            cache_bytes=0,
            cpu_bfloat16=settings.cpu_bfloat16,
            weights_folder=settings.weights_folder,
            say=say,
        )
    say(f"{segmenter.weights.summary} on {segmenter.device}")
    if segmenter.weights.note:
        say(segmenter.weights.note)

    from sam3_playground.cli.segment import SegmentJob
    from sam3_playground.cli.segment_export import exporter_of

    exporter = None
    if exports and out:
        exporter = exporter_of(
            exports,
            out,
            request,
            segmenter.weights,
            click_weights=click_weights,
            way=way,
            max_pixels=settings.max_pixels,
            overwrite=overwrite,
            style=style,
        )
    job = SegmentJob(
        request=request,
        way=way,
        overwrite=overwrite,
        max_pixels=settings.max_pixels,
        exporter=exporter,
        documents=as_json or not exports,
        style=style,
    )
    code = _run(segmenter, job, tasks, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _run(segmenter: Segmenter, job: SegmentJob, tasks: Sequence[Task], *, as_json: bool) -> int:
    """Segment image after image and say what became of each; the exit code."""
    from sam3_playground.cli.segment import segment_files

    failed: list[tuple[str, PlaygroundError]] = []
    done: list[Done] = []
    earlier = 0
    with tqdm(total=len(tasks), unit="image", disable=len(tasks) == 1, file=sys.stderr) as bar:
        for outcome in segment_files(segmenter, job, tasks):
            bar.update()
            say(f"error: {outcome.error}" if outcome.error else outcome.line)
            earlier += outcome.is_earlier
            if outcome.error:
                failed.append((f"{outcome.path}: ", outcome.error))
            elif as_json:
                typer.echo(json.dumps(outcome.document))
            if outcome.done:
                done.append(outcome.done)
    if len(tasks) > 1:
        for whose, error in failed:
            say(f"failed: {whose}{error}")
        reused = f" ({earlier} of them in an earlier run)" if earlier else ""
        say(f"{len(tasks) - len(failed)} segmented{reused}, {len(failed)} failed")
    if job.exporter is not None and done:
        for error in job.exporter.write_all(done):
            say(f"error: {error}")
            failed.append(("", error))
        for folder in job.exporter.folders:
            say(f"written to {folder}")
    return failed[0][1].exit_code if failed else 0


def _request(
    concepts: Sequence[ConceptPrompt],
    one: VisualPrompt | None,
    *,
    threshold: float,
    nms: Nms,
    cleanup: MaskCleanup,
) -> Request:
    """What is asked of each image.

    Raises:
        InvalidPromptError: Both concepts and an object, or neither, or too many.
    """
    if concepts and one:
        raise InvalidPromptError(
            "expected either concepts (--concept, --exemplar) or one object (--click, --box), "
            "got both"
        )
    if one:
        return visual_request(one, cleanup=cleanup)
    if not concepts:
        raise InvalidPromptError("expected --concept, --exemplar, --click or --box, got none")
    return ConceptRequest(tuple(concepts), score_threshold=threshold, nms=nms, cleanup=cleanup)
