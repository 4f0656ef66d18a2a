"""What a caller may ask of an image. All coordinates are image pixels, x right, y down.

Boxes are pixel *edges*: a box over the single pixel (0, 0) is (0, 0, 1, 1), and its area
is width times height.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass

from sam3_playground.core.words import plain_words
from sam3_playground.errors import InvalidPromptError, located

MAX_TEXT_LENGTH = 256
MAX_EXEMPLARS = 100
MAX_CLICKS = 100
# Far beyond any image, and exact in the network's float32.
MAX_COORDINATE = 1_000_000

BoxXYXY = tuple[float, float, float, float]


@dataclass(frozen=True)
class Exemplar:
    """A box around an example of a concept (positive), or of what it is not (negative)."""

    box_xyxy: BoxXYXY
    positive: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "box_xyxy", validated_box(self.box_xyxy, name="exemplar box"))


@dataclass(frozen=True)
class ConceptPrompt:
    """One concept: words, exemplars, or both.

    Attributes:
        text: The concept's name as it was typed, stripped; None where exemplars alone say it.
            What the network reads of it is `plain_words`.
        exemplars: Example boxes; without text at least one positive one among them.
        score_threshold: This concept's own threshold in [0, 1]; None takes the request's.
    """

    text: str | None = None
    exemplars: tuple[Exemplar, ...] = ()
    score_threshold: float | None = None

    def __post_init__(self) -> None:
        text = self.text.strip() if self.text is not None else None
        if text is not None:
            validated_text(text)
            words = plain_words(text)
            validated_text(words)  # some letters are short for eighteen
            text = text if words else ""
        if text == "" and not self.exemplars:
            raise InvalidPromptError("expected a text with a word in it, got an empty one")
        if not text and not self.exemplars:
            raise InvalidPromptError("expected a text or at least one exemplar box, got neither")
        object.__setattr__(self, "text", text or None)
        object.__setattr__(self, "exemplars", tuple(self.exemplars))
        validated_count(self.exemplars, MAX_EXEMPLARS, name="example boxes for a concept")
        # The network knows no "everything but": asked so, it gives what was to be left out.
        if not text and not any(exemplar.positive for exemplar in self.exemplars):
            raise InvalidPromptError(
                "expected words or a positive box with negative boxes, got negative boxes alone"
            )
        if self.score_threshold is not None:
            validated_unit_interval(self.score_threshold, name="score_threshold")

    @property
    def label(self) -> str:
        """The name to show for this concept: its text, or "visual" for exemplars alone."""
        return self.text or "visual"


@dataclass(frozen=True)
class Click:
    """A point on an object (positive) or off it (negative)."""

    x: float
    y: float
    positive: bool = True

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            object.__setattr__(
                self, name, validated_coordinate(getattr(self, name), name="a point")
            )


@dataclass(frozen=True)
class VisualPrompt:
    """One object: clicks, a box, or both; at least one of them.

    Negative clicks alone say which object only where they refine a mask: see `validate_target`.

    Attributes:
        clicks: Points, in the order they were set.
        box_xyxy: A box around the object, or None.
    """

    clicks: tuple[Click, ...] = ()
    box_xyxy: BoxXYXY | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "clicks", tuple(self.clicks))
        validated_count(self.clicks, MAX_CLICKS, name="points for an object")
        if self.box_xyxy is not None:
            object.__setattr__(self, "box_xyxy", validated_box(self.box_xyxy, name="box"))
        if not self.clicks and self.box_xyxy is None:
            raise InvalidPromptError("expected at least one click or a box, got neither")

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is one click alone, which may mean a thing or a part of it."""
        return self.box_xyxy is None and len(self.clicks) == 1


def validated_count(values: Sized, most: int, *, name: str) -> None:
    """Refuse too many of something.

    Raises:
        InvalidPromptError: More than `most`.
    """
    if len(values) > most:
        raise InvalidPromptError(f"expected at most {most} {name}, got {len(values)}")


def validated_text(text: str) -> str:
    """The text, if it is short enough to be looked at, and made of characters.

    Raises:
        InvalidPromptError: Of more than MAX_TEXT_LENGTH characters, or with a NUL or half of a
            surrogate pair among them.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidPromptError(
            f"expected a text of at most {MAX_TEXT_LENGTH} characters, got {len(text)}"
        )
    for letter in text:
        if letter == "\0" or "\ud800" <= letter <= "\udfff":
            raise InvalidPromptError(
                f"expected a text of Unicode characters, got one with U+{ord(letter):04X}"
            )
    return text


def validated_coordinate(value: float, *, name: str) -> float:
    """The value as a float.

    Raises:
        InvalidPromptError: No finite number, or one that no image reaches.
    """
    # NaN is in no range; whole numbers may be larger than any float.
    if not -MAX_COORDINATE <= value <= MAX_COORDINATE:
        raise InvalidPromptError(
            f"expected {name} in pixels from {-MAX_COORDINATE:,} to {MAX_COORDINATE:,}, "
            f"got {value!s:.20}"
        )
    return float(value)


def validated_box(box_xyxy: Iterable[float], *, name: str) -> BoxXYXY:
    """The box as four floats.

    Raises:
        InvalidPromptError: Not four coordinates, or no area (x1 <= x0 or y1 <= y0).
    """
    values = tuple(validated_coordinate(value, name=name) for value in box_xyxy)
    if len(values) != 4:
        raise InvalidPromptError(f"expected {name} as four numbers, got {len(values)}")
    x0, y0, x1, y1 = values
    if x1 <= x0 or y1 <= y0:
        raise InvalidPromptError(
            f"expected {name} with x0 < x1 and y0 < y1, got ({x0:g}, {y0:g}, {x1:g}, {y1:g})"
        )
    return (x0, y0, x1, y1)


def validate_target(prompt: VisualPrompt, *, refines: bool) -> None:
    """Refuse a prompt that says only what its object is not.

    Asked so, the network cuts out the very thing under a negative click.

    Args:
        prompt: Clicks and box.
        refines: Whether a former mask goes with it, which negative clicks alone may correct.

    Raises:
        InvalidPromptError: No positive click, no box, and no mask.
    """
    if refines or prompt.box_xyxy is not None or any(click.positive for click in prompt.clicks):
        return
    raise InvalidPromptError(
        "expected a positive point or a box with negative points, got negative points alone"
    )


def validated_unit_interval(value: float, *, name: str) -> float:
    """The value as a float.

    Raises:
        InvalidPromptError: Not a number in [0, 1]; NaN is none.
    """
    if not 0.0 <= value <= 1.0:
        raise InvalidPromptError(f"expected {name} in [0, 1], got {value}")
    return float(value)


def validate_concept_inside(prompt: ConceptPrompt, image_size: tuple[int, int]) -> None:
    """Refuse example boxes that have no part in the image of (height, width) pixels.

    Raises:
        InvalidPromptError: A box and the image do not overlap; it says which one.
    """
    for place, exemplar in enumerate(prompt.exemplars):
        with located("exemplars", place):
            validate_inside(exemplar.box_xyxy, image_size, name="an example box")


def validate_visual_inside(prompt: VisualPrompt, image_size: tuple[int, int]) -> None:
    """Refuse a box that has no part in the image of (height, width) pixels, or a point off it.

    Raises:
        InvalidPromptError: A box that does not overlap the image, or a point outside, its edges
            being inside; it says which one.
    """
    height, width = image_size
    if prompt.box_xyxy is not None:
        with located("box"):
            validate_inside(prompt.box_xyxy, image_size, name="a box")
    for place, click in enumerate(prompt.clicks):
        if not (0 <= click.x <= width and 0 <= click.y <= height):
            raise InvalidPromptError(
                f"expected a point in the image of {width} x {height} pixels, "
                f"got ({click.x:g}, {click.y:g})",
                where=("clicks", place),
            )


def validate_inside(box_xyxy: BoxXYXY, image_size: tuple[int, int], *, name: str) -> None:
    """Refuse a box that has no part in the image of (height, width) pixels.

    Raises:
        InvalidPromptError: The box and the image do not overlap.
    """
    height, width = image_size
    x0, y0, x1, y1 = box_xyxy
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise InvalidPromptError(
            f"expected {name} to meet the image of {width} x {height} pixels, "
            f"got ({x0:g}, {y0:g}, {x1:g}, {y1:g})"
        )
