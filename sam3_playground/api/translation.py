"""From the wire's prompts to the pipeline's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sam3_playground.api.errors import InvalidFieldError, field
from sam3_playground.api.schemas import (
    Box,
    BoxXYXY,
    Sam2Prompt,
    Sam2PromptSet,
    Sam3Prompt,
    Sam3SegmentationRequest,
)
from sam3_playground.core.nms import DEFAULT_IOU_THRESHOLD, NO_NMS, Nms
from sam3_playground.core.prompts import BoxXYXY as Corners
from sam3_playground.core.prompts import (
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_target,
)
from sam3_playground.errors import InvalidPromptError

# What the fields of a request's parts are called on the wire.
_WIRE_NAMES: dict[str | int, str] = {
    "objects": "prompts",
    "exemplars": "boxes",
    "clicks": "points",
}


def concept_prompts(prompts: Sequence[Sam3Prompt]) -> list[ConceptPrompt]:
    """The concepts that a request names, in its order.

    Raises:
        InvalidFieldError: A prompt that no image could make right.
    """
    return [_concept_prompt(prompt, index) for index, prompt in enumerate(prompts)]


def _concept_prompt(prompt: Sam3Prompt, index: int) -> ConceptPrompt:
    boxes, labels = prompt.boxes or [], prompt.box_labels or []
    if len(boxes) != len(labels):
        raise InvalidFieldError(
            ("body", "prompts", index, "box_labels"),
            f"expected one label for each of {len(boxes)} boxes, got {len(labels)}",
        )
    if prompt.type == "visual" and not boxes:
        raise InvalidFieldError(
            ("body", "prompts", index, "boxes"),
            "expected at least one box for a prompt of type visual, got none",
        )
    exemplars = []
    for place, (box, label) in enumerate(zip(boxes, labels, strict=True)):
        with field("prompts", index, "boxes", place):
            exemplars.append(Exemplar(_top_left_corners(box), positive=bool(label)))
    with field("prompts", index, "text"):
        return ConceptPrompt(prompt.text, tuple(exemplars), prompt.output_prob_thresh)


def _top_left_corners(box: Box | BoxXYXY) -> Corners:
    if isinstance(box, BoxXYXY):
        return (box.x0, box.y0, box.x1, box.y1)
    return (box.x, box.y, box.x + box.width, box.y + box.height)


def visual_prompts(prompts: Sam2PromptSet | None) -> list[VisualPrompt]:
    """The objects that a request points at, in its order.

    Raises:
        InvalidFieldError: No prompt, or one without a positive click or a box. Saved logits
            change nothing in that: they go on from a prompt that had one.
    """
    if prompts is None:
        raise InvalidFieldError(
            ("body", "prompts"), "expected at least one prompt with points or a box, got none"
        )
    return [_visual_prompt(prompt, index) for index, prompt in enumerate(prompts.prompts)]


def _visual_prompt(prompt: Sam2Prompt, index: int) -> VisualPrompt:
    corners = None
    if prompt.box is not None:
        half_width, half_height = prompt.box.width / 2, prompt.box.height / 2
        x, y = prompt.box.x, prompt.box.y
        corners = (x - half_width, y - half_height, x + half_width, y + half_height)
    with field("prompts", index):
        clicks = tuple(Click(point.x, point.y, point.positive) for point in prompt.points or [])
        visual = VisualPrompt(clicks, corners)
        validate_target(visual, refines=False)
    return visual


def nms_of(body: Sam3SegmentationRequest) -> Nms:
    """The suppression that a request asks for.

    By the contract there is none by default, and a threshold alone means across concepts; the
    mode is this server's own.
    """
    threshold = body.nms_iou_threshold
    mode = body.nms_mode or ("off" if threshold is None else "across")
    if mode == "off":
        return NO_NMS
    return Nms(mode, DEFAULT_IOU_THRESHOLD if threshold is None else threshold)


@contextmanager
def wire_names() -> Iterator[None]:
    """Name errors about prompts, raised in the block, after the fields of the wire."""
    try:
        yield
    except InvalidPromptError as error:
        if not error.where:
            raise
        location = tuple(_WIRE_NAMES.get(part, part) for part in error.where)
        raise InvalidFieldError(("body", *location), str(error)) from error
