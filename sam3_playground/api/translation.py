"""From the wire's prompts to the pipeline's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sam3_playground.api.errors import InvalidFieldError, field
from sam3_playground.api.schemas import (
    Box,
    BoxXYXY,
    Sam2Prompt,
    Sam2PromptSet,
    Sam3Prompt,
)
from sam3_playground.core.prompts import BoxXYXY as Corners
from sam3_playground.core.prompts import (
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_inside,
    validate_target,
)


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


def check_texts(
    prompts: Sequence[ConceptPrompt], validate: Callable[[ConceptPrompt], None]
) -> None:
    """Refuse texts that a segmenter's `validate_text` refuses."""
    for index, prompt in enumerate(prompts):
        with field("prompts", index, "text"):
            validate(prompt)


def check_concepts_inside(prompts: Sequence[ConceptPrompt], image_size: tuple[int, int]) -> None:
    """Refuse boxes that have no part in the image of (height, width) pixels."""
    for index, prompt in enumerate(prompts):
        for place, exemplar in enumerate(prompt.exemplars):
            with field("prompts", index, "boxes", place):
                validate_inside(exemplar.box_xyxy, image_size, name="a box")


def check_visual_inside(prompts: Sequence[VisualPrompt], image_size: tuple[int, int]) -> None:
    """Refuse boxes and clicks that have no part in the image of (height, width) pixels."""
    height, width = image_size
    for index, prompt in enumerate(prompts):
        if prompt.box_xyxy is not None:
            with field("prompts", index, "box"):
                validate_inside(prompt.box_xyxy, image_size, name="a box")
        for place, click in enumerate(prompt.clicks):
            if not (0 <= click.x <= width and 0 <= click.y <= height):
                raise InvalidFieldError(
                    ("body", "prompts", index, "points", place),
                    f"expected a point in the image of {width} x {height} pixels, "
                    f"got ({click.x:g}, {click.y:g})",
                )
