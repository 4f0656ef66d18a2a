"""`sam3-playground segment`: images in, pictures and JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from sam3_playground.cli.plan import Task
from sam3_playground.cli.segment_export import Done, Exporter
from sam3_playground.core.requests import Request
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import OutOfMemoryError, PlaygroundError
from sam3_playground.formats.counted import describe
from sam3_playground.formats.masks import Way
from sam3_playground.formats.picture import RenderStyle, draw_result
from sam3_playground.formats.roboflow import document
from sam3_playground.images import open_image
from sam3_playground.outputs import whole_file
from sam3_playground.pipeline.answer import answer, check_answerable


@dataclass(frozen=True)
class SegmentJob:
    """What is asked of every image.

    Attributes:
        request: Concepts, or one object.
        way: How masks are written in the JSON.
        max_pixels: Larger images are refused.
        overwrite: Whether files that stand where outputs go may be replaced.
        exporter: Writes what is found in formats for other programs, and keeps it; None does not.
        documents: Whether outcomes have their documents.
        style: How pictures show what is found; None as most people want it.
    """

    request: Request
    way: Way
    max_pixels: int
    overwrite: bool = False
    exporter: Exporter | None = None
    documents: bool = True
    style: RenderStyle | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one image: its document, or the error.

    Attributes:
        path: The image.
        document: What `--json` prints of it.
        line: What is said of it.
        error: What went wrong.
        done: Where its result is kept, for files about all images.
        is_earlier: Whether an earlier run asked the network.
    """

    path: Path
    document: dict[str, Any] | None = None
    line: str = ""
    error: PlaygroundError | None = None
    done: Done | None = None
    is_earlier: bool = False


def segment_files(
    segmenter: Segmenter, job: SegmentJob, tasks: Iterable[Task]
) -> Iterator[Outcome]:
    """Segment image after image; one that fails does not stop the others.

    Nothing of an image is kept once its outcome is given out.

    Raises:
        InvalidPromptError: A text that is too long for the network, before any image is read.
        NoClicksError: One object, of weights that answer concepts alone; before as well.
    """
    check_answerable(segmenter, job.request)
    for task in tasks:
        try:
            outcome = _segment_file(segmenter, job, task)
        except PlaygroundError as error:
            outcome = Outcome(task.image, error=error)
        except MemoryError:
            said = f"expected to segment {task.image}, got too little memory for it"
            outcome = Outcome(task.image, error=OutOfMemoryError(said))
        except RuntimeError:
            # Of torch, also for want of memory on a device: its words are none for users.
            said = f"expected to segment {task.image}, got a network that failed at it"
            outcome = Outcome(task.image, error=PlaygroundError(said))
        yield outcome


def _segment_file(segmenter: Segmenter, job: SegmentJob, task: Task) -> Outcome:
    if job.exporter is not None:
        return _export_file(segmenter, job, job.exporter, task)
    path = task.image
    image = open_image(path, max_pixels=job.max_pixels)
    result = answer(segmenter, image, job.request)
    values = document(result, way=job.way, source=str(path)) if job.documents else None
    if task.picture is not None:
        drawn = Image.fromarray(draw_result(image, result, style=job.style))
        with whole_file(task.picture, overwrite=job.overwrite) as partial:
            drawn.save(partial)
    if task.document is not None:
        with whole_file(task.document, overwrite=job.overwrite) as partial:
            partial.write_text(json.dumps(values) + "\n", encoding="utf-8")
    return Outcome(path, values, f"{path}: {describe(result)} in {result.timings.seconds:.2f} s")


def _export_file(segmenter: Segmenter, job: SegmentJob, exporter: Exporter, task: Task) -> Outcome:
    """Write an image's exports; the network is asked unless an earlier run was."""
    path, store = task.image, exporter.store
    key, image = store.key_of(path), None
    result = store.read(key)
    is_earlier = result is not None
    if result is None:
        image = open_image(path, max_pixels=job.max_pixels)
        result = answer(segmenter, image, job.request)
        store.write(key, result)
    done = Done(task, key)
    if failed := list(exporter.write_image(task, result, image)):
        return Outcome(path, error=failed[0], done=done)
    values = document(result, way=job.way, source=str(path)) if job.documents else None
    when = "in an earlier run" if is_earlier else f"in {result.timings.seconds:.2f} s"
    line = f"{path}: {describe(result)} {when}"
    return Outcome(path, values, line, done=done, is_earlier=is_earlier)
