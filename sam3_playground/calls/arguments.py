"""What a call says, checked: its arguments, described for people and models, and its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.nms import DEFAULT_NMS, Nms, NmsMode
from sam3_playground.core.prompts import (
    MAX_CLICKS,
    MAX_EXEMPLARS,
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_target,
)
from sam3_playground.core.requests import (
    DEFAULT_SCORE_THRESHOLD,
    MAX_CONCEPTS,
    ConceptRequest,
    VisualRequest,
    visual_request,
)
from sam3_playground.core.words import split_concepts
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from sam3_playground.server.validation import brief, expected_and_got, printable

IN_PIXELS = (
    "Coordinates are pixels of the image as a viewer shows it, turned as its EXIF says, from its "
    "top left corner, x to the right and y down. A box is [x0, y0, x1, y1] along the edges of "
    "pixels."
)

Corners = Annotated[list[float], Field(min_length=4, max_length=4)]


def _listed(value: Any) -> Any:
    """Several concepts may be one text, with commas, as people type them."""
    return list(dict.fromkeys(split_concepts(value))) if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ExampleBox(_Part):
    """A box around an example of a concept, or of what it is not."""

    box: Corners = Field(description="[x0, y0, x1, y1] in pixels")
    positive: bool = Field(
        default=True, description="false for what is not meant, beside words or a positive box"
    )
    concept: str | None = Field(
        default=None, description="Which of the concepts it belongs to, where there are several"
    )


class Point(_Part):
    """A click."""

    x: float
    y: float
    positive: bool = Field(default=True, description="false for a point off the object")


class ImageArguments(_Part):
    """An image alone."""

    image: str = Field(
        description="The image: the http or https URL of a file on a public host, the file itself "
        "as a data URL (data:image/png;base64,...), or the id of an upload"
    )


class _MaskArguments(ImageArguments):
    fill_holes: int = Field(
        default=NO_CLEANUP.fill_holes, description="Fill holes of at most so many pixels"
    )
    min_area: int = Field(
        default=NO_CLEANUP.min_area,
        description="Drop parts of masks that have fewer pixels, and instances without another",
    )
    simplify: float = Field(
        default=NO_CLEANUP.simplify,
        description="Let outlines move by so many pixels to need fewer corners",
    )

    @property
    def cleanup(self) -> MaskCleanup:
        """What is done to each mask."""
        return MaskCleanup(self.fill_holes, self.min_area, self.simplify)


class ConceptArguments(_MaskArguments):
    """Every instance of some concepts."""

    concepts: Annotated[list[str], BeforeValidator(_listed)] = Field(
        default=[],
        max_length=MAX_CONCEPTS,
        description="What to find: a short noun phrase each, such as 'dog' or 'red circle'",
    )
    boxes: list[ExampleBox] = Field(
        default=[],
        max_length=MAX_EXEMPLARS,
        description="Boxes around examples; without concepts they say alone what to find",
    )
    threshold: float = Field(
        default=DEFAULT_SCORE_THRESHOLD, description="Least confidence of what is kept, 0 to 1"
    )
    nms: NmsMode = Field(
        default=DEFAULT_NMS.mode,
        description="Of two masks that overlap the better one is kept: off, within each concept, "
        "or across concepts",
    )
    iou: float = Field(
        default=DEFAULT_NMS.iou_threshold,
        description="How much two masks may overlap for that, as IoU, 0 to 1",
    )

    @property
    def request(self) -> ConceptRequest:
        """What is asked.

        Raises:
            InvalidInputError: A concept, a box or a number that no image could make right.
        """
        return ConceptRequest(
            tuple(self._prompts()),
            score_threshold=self.threshold,
            nms=Nms(self.nms, self.iou),
            cleanup=self.cleanup,
        )

    def _prompts(self) -> list[ConceptPrompt]:
        found: dict[str | None, list[Exemplar]] = {name: [] for name in self.concepts}
        for one in self.boxes:
            name = one.concept
            if name is None and len(self.concepts) == 1:
                name = self.concepts[0]
            if (self.concepts or name is not None) and name not in found:
                asked = ", ".join(map(repr, self.concepts)) or "none"
                got = "one without" if name is None else brief(name)
                raise InvalidPromptError(
                    f"expected a box with one of the concepts that are asked ({asked}), got {got}"
                )
            x0, y0, x1, y1 = one.box
            found.setdefault(name, []).append(Exemplar((x0, y0, x1, y1), one.positive))
        return [ConceptPrompt(name, tuple(boxes)) for name, boxes in found.items()]


class ObjectArguments(_MaskArguments):
    """One object."""

    clicks: list[Point] = Field(
        default=[],
        max_length=MAX_CLICKS,
        description="Points on the object, or off it (positive false)",
    )
    box: Corners | None = Field(
        default=None, description="A box around the object, [x0, y0, x1, y1] in pixels"
    )

    @property
    def request(self) -> VisualRequest:
        """What is asked.

        Raises:
            InvalidInputError: Neither a positive point nor a box, or numbers that cannot be.
        """
        clicks = tuple(Click(one.x, one.y, one.positive) for one in self.clicks)
        corners = None
        if self.box is not None:
            x0, y0, x1, y1 = self.box
            corners = (x0, y0, x1, y1)
        prompt = VisualPrompt(clicks, corners)
        validate_target(prompt, refines=False)
        return visual_request(prompt, cleanup=self.cleanup)


Asked = TypeVar("Asked", bound=ImageArguments)


def read_arguments(kind: type[Asked], values: Mapping[str, Any]) -> Asked:
    """A call's arguments, checked but for what only the image can tell.

    Raises:
        InvalidInputError: It names the first argument that is wrong.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        entry = error.errors(include_url=False)[0]
        where = ".".join(map(str, entry["loc"]))
        if entry["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields)
            message = f"expected arguments among {known}, got {brief(where)}"
        else:
            message = f"{where}: {expected_and_got(entry)}"
        raise InvalidInputError(printable(message)) from error
