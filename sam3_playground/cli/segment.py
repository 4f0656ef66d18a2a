"""`sam3-playground segment`: images in, pictures and JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from sam3_playground.cli.plan import Task
from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.results import Result
from sam3_playground.core.selection import select_concepts, select_visual
from sam3_playground.errors import OutOfMemoryError, PlaygroundError
from sam3_playground.formats.picture import draw_segmentation
from sam3_playground.formats.roboflow import MaskFormat, concept_response, document, visual_response
from sam3_playground.images import open_image
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.outputs import whole_file


@dataclass(frozen=True)
class SegmentJob:
    """What is asked of every image.

    Attributes:
        prompt: Concepts, or one object.
        score_threshold: For concepts, in [0, 1].
        iou_threshold: Suppression across concepts; None for none.
        mask_format: Of the JSON.
        cleanup: What is done to each mask.
        max_pixels: Larger images are refused.
        overwrite: Whether files that stand where outputs go may be replaced.
    """

    prompt: Sequence[ConceptPrompt] | VisualPrompt
    score_threshold: float
    iou_threshold: float | None
    mask_format: MaskFormat
    cleanup: MaskCleanup
    max_pixels: int
    overwrite: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one image: its document, or the error."""

    path: Path
    document: dict[str, Any] | None = None
    line: str = ""
    error: PlaygroundError | None = None


def segment_files(
    segmenter: Segmenter, job: SegmentJob, tasks: Iterable[Task]
) -> Iterator[Outcome]:
    """Segment image after image; one that fails does not stop the others.

    Nothing of an image is kept once its outcome is given out.

    Raises:
        InvalidPromptError: A text that is too long for the network, before any image is read.
    """
    for concept in () if isinstance(job.prompt, VisualPrompt) else job.prompt:
        segmenter.validate_text(concept)
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
    path = task.image
    image = open_image(path, max_pixels=job.max_pixels)
    segmentation, seconds = run(segmenter, job, image)
    to_response = visual_response if isinstance(job.prompt, VisualPrompt) else concept_response
    response = to_response(segmentation, mask_format=job.mask_format, seconds=round(seconds, 4))
    values = document(response, source=str(path), image_size=image.size)
    if task.picture is not None:
        drawn = Image.fromarray(draw_segmentation(image, segmentation))
        with whole_file(task.picture, overwrite=job.overwrite) as partial:
            drawn.save(partial)
    if task.document is not None:
        with whole_file(task.document, overwrite=job.overwrite) as partial:
            partial.write_text(json.dumps(values) + "\n", encoding="utf-8")
    return Outcome(path, values, f"{path}: {describe(segmentation)} in {seconds:.2f} s")


def run(segmenter: Segmenter, job: SegmentJob, image: RgbImage) -> tuple[Result, float]:
    """The job done on one image, and the network's seconds."""
    if isinstance(job.prompt, VisualPrompt):
        visual = segmenter.segment_visual(image, job.prompt)
        timings = visual.timings
        segmentation = select_visual(visual.candidates, image.size, cleanup=job.cleanup)
    else:
        concepts = segmenter.segment_concepts(image, job.prompt)
        timings = concepts.timings
        segmentation = select_concepts(
            concepts.candidates,
            image.size,
            score_threshold=job.score_threshold,
            iou_threshold=job.iou_threshold,
            cleanup=job.cleanup,
        )
    return segmentation, timings.encode + timings.prompt


def describe(segmentation: Result) -> str:
    """Counts by concept, and the best score where nothing was found."""
    parts = []
    for result in segmentation.prompt_results:
        prompt = result.prompt
        if isinstance(prompt, VisualPrompt) and not result.instances:
            parts.append("no object")
        elif isinstance(prompt, VisualPrompt):
            parts.append(f"1 object of predicted IoU {result.best_score or 0:.2f}")
        elif result.instances:
            parts.append(f"{len(result.instances)} x {prompt.label}")
        elif result.best_score is None:
            parts.append(f"no {prompt.label}")
        else:
            parts.append(f"no {prompt.label} (best score {result.best_score:.2f})")
    return ", ".join(parts)
