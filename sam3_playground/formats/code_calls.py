"""A request as calls of the REST API: their fields, and what they have no words for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import MAX_CLICKS, ConceptPrompt, VisualPrompt, validate_target
from sam3_playground.core.requests import ConceptRequest, Request, VisualObject, VisualRequest
from sam3_playground.core.steps import Step
from sam3_playground.errors import InvalidPromptError
from sam3_playground.formats.code_layout import one_line

CONCEPT_PATH = "/sam3/concept_segment"
VISUAL_PATH = "/sam3/visual_segment"

_NUMBERED = re.compile(r"object( \d+)?")


@dataclass(frozen=True)
class Source:
    """What a request is about, and who answers it.

    Attributes:
        image: A file's name or path, or a URL.
        server_url: The server's address, without a slash at its end.
        weights: What the server's weights are called; None leaves it to whoever runs the text.
        needs_key: Whether the server wants an API key, which is taken from SAM3_API_KEY.
    """

    image: str
    server_url: str
    weights: str | None = None
    needs_key: bool = False

    @property
    def is_url(self) -> bool:
        """Whether the image is one behind a URL."""
        return self.image.startswith(("http://", "https://"))


@dataclass(frozen=True)
class Wire:
    """One call.

    Attributes:
        path: Of the endpoint.
        fields: Of its body, without the image.
    """

    path: str
    fields: dict[str, Any]


def calls_of(request: Request) -> list[Wire]:
    """The calls that answer a request, in the order of its prompts.

    Concepts are one call. Objects are as many as it takes: whether a prompt gets three masks is
    said once for a call.
    """
    if isinstance(request, ConceptRequest):
        fields: dict[str, Any] = {
            "prompts": [concept_fields(prompt) for prompt in request.prompts],
            "output_prob_thresh": request.score_threshold,
            **_nms_fields(request.nms),
        }
        return [Wire(CONCEPT_PATH, fields | cleanup_fields(request.cleanup) | {"format": "rle"})]
    return [
        Wire(
            VISUAL_PATH,
            {"prompts": [object_fields(standing_alone(item.step)) for item in items]}
            | {"multimask_output": multimask}
            | cleanup_fields(request.cleanup)
            | {"format": "rle"},
        )
        for multimask, items in by_multimask(request)
    ]


def notes_of(request: Request) -> list[str]:
    """What the calls cannot say of a request, a sentence each."""
    if isinstance(request, ConceptRequest):
        return corrections_note(request)
    return [*names_note(request), *first_mask_notes(request)]


def corrections_note(request: ConceptRequest) -> list[str]:
    """How many instances were mended by hand, which only this package's own API says."""
    count = len(request.corrections)
    if not count:
        return []
    what = "one correction" if count == 1 else f"{count} corrections"
    return [f"Not said here: {what} of instances by hand. This gives what the concepts find."]


def concept_fields(prompt: ConceptPrompt) -> dict[str, Any]:
    """A concept as the API's prompt; boxes by their corners."""
    fields: dict[str, Any] = {"type": "visual" if prompt.exemplars else "text"}
    if prompt.text is not None:
        fields["text"] = prompt.text
    if prompt.score_threshold is not None:
        fields["output_prob_thresh"] = prompt.score_threshold
    if prompt.exemplars:
        corners = ("x0", "y0", "x1", "y1")
        fields["boxes"] = [
            dict(zip(corners, one.box_xyxy, strict=True)) for one in prompt.exemplars
        ]
        fields["box_labels"] = [int(one.positive) for one in prompt.exemplars]
    return fields


def object_fields(prompt: VisualPrompt) -> dict[str, Any]:
    """An object as the API's prompt; its box by its centre."""
    fields: dict[str, Any] = {}
    if prompt.clicks:
        fields["points"] = [
            {"x": click.x, "y": click.y, "positive": click.positive} for click in prompt.clicks
        ]
    if prompt.box_xyxy is not None:
        x0, y0, x1, y1 = prompt.box_xyxy
        fields["box"] = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2}
        fields["box"] |= {"width": x1 - x0, "height": y1 - y0}
    return fields


def cleanup_fields(cleanup: MaskCleanup) -> dict[str, float]:
    """What is asked for of it, by the names that it has everywhere."""
    values = {name: getattr(cleanup, name) for name in ("fill_holes", "min_area", "simplify")}
    return {name: value for name, value in values.items() if value}


def by_multimask(request: VisualRequest) -> Iterator[tuple[bool, list[VisualObject]]]:
    """Objects that follow each other and get three masks, or one, to take the first of."""

    def multimask(item: VisualObject) -> bool:
        if request.multimask is not None:
            return request.multimask
        return standing_alone(item.step).is_ambiguous

    for value, items in groupby(request.objects, multimask):
        yield value, list(items)


def standing_alone(step: Step) -> VisualPrompt:
    """The prompt of a step without the mask that it refines.

    Where it says only what the object is not, the clicks and the box of the steps before stand
    with it.
    """
    prompt = step.prompt
    try:
        validate_target(prompt, refines=False)
    except InvalidPromptError:
        # The first step says what the object is: nothing was refined there.
        clicks = dict.fromkeys(click for one in step.chain for click in one.prompt.clicks)
        boxes = [one.prompt.box_xyxy for one in step.chain if one.prompt.box_xyxy is not None]
        if step.seed is not None:
            boxes.insert(0, step.seed.box_xyxy)
        return VisualPrompt(tuple(clicks)[:MAX_CLICKS], boxes[-1] if boxes else None)
    return prompt


def names_note(request: VisualRequest) -> list[str]:
    """What the objects are called, where somebody called them something."""
    names = [one_line(item.label) for item in request.objects]
    if all(_NUMBERED.fullmatch(name) for name in names):
        return []
    return [f"The objects in their order: {'; '.join(names)}."]


def first_mask_notes(request: VisualRequest) -> list[str]:
    """Where another mask than the first one of a prompt alone was meant."""
    notes = []
    for place, item in enumerate(request.objects):
        name = one_line(item.label)
        name = name if len(request.objects) == 1 else f"object {place + 1} of this text ({name})"
        if item.mask_input is not None:
            notes.append(mask_input_note(name))
        elif item.step.base is not None:
            notes.append(
                f"Not said here: {name} refines a mask that was chosen before. "
                "Its prompt goes out without that mask, and the mask may differ."
            )
        if item.step.choice:
            notes.append(
                f"Not said here: of the masks proposed for {name}, number {item.step.choice + 1} "
                "was chosen. This gives the first."
            )
    return notes


def mask_input_note(name: str) -> str:
    """An object starts from numbers that no text holds."""
    return (
        f"Not said here: {name} refines a mask given as numbers. "
        "Its prompt goes out without that mask, and the mask may differ."
    )


def header_of(notes: Sequence[str]) -> str:
    """Notes as comment lines, for shells and Python alike; empty without any."""
    return "".join(f"# {note}\n" for note in notes)


def _nms_fields(nms: Nms) -> dict[str, Any]:
    """The mode is said in every case: it is this server's own, and by the contract NMS is off."""
    if nms.mode == "off":
        return {"nms_mode": nms.mode}
    return {"nms_iou_threshold": nms.iou_threshold, "nms_mode": nms.mode}
