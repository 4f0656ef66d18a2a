"""What the page asks for: its whole state as one immutable value, read from untrusted JSON.

The page sends all it shows with every change. What has to be computed anew, and what is
kept, is decided here in Python by comparing values, so a request that got lost or came
twice does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.nms import DEFAULT_IOU_THRESHOLD
from sam3_playground.core.prompts import (
    BoxXYXY,
    Click,
    ConceptPrompt,
    Exemplar,
    VisualPrompt,
    validate_target,
    validated_unit_interval,
)
from sam3_playground.core.requests import DEFAULT_SCORE_THRESHOLD, MAX_CONCEPTS
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from sam3_playground.formats.picture import RenderStyle

MAX_OBJECTS = 32
MAX_CLICKS = 64
MAX_EXEMPLARS = 64
# How often a mask may be refined from one that was chosen by hand.
MAX_DEPTH = 16

_NO_STATE = "expected the page's state in its own form, got another one: load the page again"

Mode = Literal["concepts", "objects"]


@dataclass(frozen=True)
class Step:
    """An object's prompt, and the mask that it refines.

    Attributes:
        prompt: Clicks and box.
        choice: Which of the candidates is chosen, the best one first.
        base: The step whose chosen mask is refined; None starts without a mask.
    """

    prompt: VisualPrompt
    choice: int = 0
    base: Step | None = None


@dataclass(frozen=True)
class NamedObject:
    """One object of the visual tab; None as step where nothing was clicked yet."""

    name: str
    step: Step | None

    def label(self, place: int) -> str:
        """Its name as shown: the place among all, from 0, says it where it has none."""
        return self.name.strip() or f"object {place + 1}"


@dataclass(frozen=True)
class Ask:
    """One state of the page.

    Attributes:
        serial: The page's own count, given back with the answer.
        mode: Which tab is open.
        image: The id of an upload; None without an image.
        preview: Whether the page shows the server's picture of the upload, and has none yet.
        concepts: At most MAX_CONCEPTS.
        score_threshold: In [0, 1].
        iou_threshold: In [0, 1], or None for no suppression.
        cleanup: What is done to the masks.
        style: What is drawn.
        hidden: (concept, candidate) pairs, or (object, 0), that are not drawn.
        objects: At most MAX_OBJECTS.
        active: Index of the object that is being worked on.
    """

    serial: int
    mode: Mode = "concepts"
    image: str | None = None
    preview: bool = False
    concepts: tuple[ConceptPrompt, ...] = ()
    score_threshold: float = DEFAULT_SCORE_THRESHOLD
    iou_threshold: float | None = DEFAULT_IOU_THRESHOLD
    cleanup: MaskCleanup = NO_CLEANUP
    style: RenderStyle = field(default_factory=RenderStyle)
    hidden: frozenset[tuple[int, int]] = frozenset()
    objects: tuple[NamedObject, ...] = ()
    active: int = 0


def read_ask(value: object) -> Ask:
    """The ask in a value that came from a browser.

    Whether the image's id is that of an upload has to be checked by who keeps these.

    Raises:
        InvalidInputError: The value does not have the page's form, or a prompt is wrong.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(_NO_STATE)
    try:
        return _ask(value)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise InvalidInputError(_NO_STATE) from error


def _ask(value: Mapping[str, Any]) -> Ask:
    image, mode, iou = value["image"], value["mode"], value["iou_threshold"]
    concepts, objects = value["concepts"], value["objects"]
    if len(concepts) > MAX_CONCEPTS:
        raise InvalidPromptError(f"expected at most {MAX_CONCEPTS} concepts, got {len(concepts)}")
    if len(objects) > MAX_OBJECTS:
        raise InvalidPromptError(f"expected at most {MAX_OBJECTS} objects, got {len(objects)}")
    return Ask(
        serial=int(value["serial"]),
        mode="objects" if mode == "objects" else "concepts",
        image=str(image) if image else None,
        preview=bool(value["preview"]),
        concepts=tuple(_concept(concept) for concept in concepts),
        score_threshold=_unit(value["score_threshold"], "score_threshold"),
        iou_threshold=None if iou is None else _unit(iou, "iou_threshold"),
        cleanup=_cleanup(value.get("cleanup") or {}),
        style=_style(value["style"]),
        hidden=frozenset((int(row), int(index)) for row, index in value["hidden"]),
        objects=tuple(_object(named, place) for place, named in enumerate(objects)),
        active=int(value["active"]),
    )


def _unit(value: Any, name: str) -> float:
    return validated_unit_interval(float(value), name=name)


def _concept(value: Mapping[str, Any]) -> ConceptPrompt:
    exemplars = value["exemplars"]
    if len(exemplars) > MAX_EXEMPLARS:
        raise InvalidPromptError(
            f"expected at most {MAX_EXEMPLARS} example boxes for a concept, got {len(exemplars)}"
        )
    threshold = value["threshold"]
    return ConceptPrompt(
        text=None if value["text"] is None else str(value["text"]),
        exemplars=tuple(Exemplar(_box(item["box"]), bool(item["positive"])) for item in exemplars),
        score_threshold=None if threshold is None else _unit(threshold, "score_threshold"),
    )


def _object(value: Mapping[str, Any], place: int) -> NamedObject:
    named = NamedObject(str(value["name"])[:80], None)
    try:
        return replace(named, step=_step(value["step"], depth=0))
    except InvalidPromptError as error:
        raise InvalidPromptError(f"{named.label(place)}: {error}") from error


def _step(value: Mapping[str, Any] | None, *, depth: int) -> Step | None:
    if value is None:
        return None
    if depth > MAX_DEPTH:
        raise InvalidPromptError(f"expected at most {MAX_DEPTH} refined masks, got more")
    points, box = value["points"], value["box"]
    if len(points) > MAX_CLICKS:
        raise InvalidPromptError(f"expected at most {MAX_CLICKS} points, got {len(points)}")
    clicks = tuple(
        Click(float(point["x"]), float(point["y"]), bool(point["positive"])) for point in points
    )
    prompt = VisualPrompt(clicks, None if box is None else _box(box))
    base = _step(value["base"], depth=depth + 1)
    validate_target(prompt, refines=base is not None)
    return Step(prompt, int(value["choice"]), base)


def _box(value: Any) -> BoxXYXY:
    x0, y0, x1, y1 = (float(edge) for edge in value)
    return (x0, y0, x1, y1)


def _cleanup(value: Mapping[str, Any]) -> MaskCleanup:
    return MaskCleanup(
        int(value.get("fill_holes") or 0),
        int(value.get("min_area") or 0),
        float(value.get("simplify") or 0.0),
    )


def _style(value: Mapping[str, Any]) -> RenderStyle:
    opacity, label_scale = float(value["opacity"]), float(value["label_scale"])
    if not (math.isfinite(opacity) and math.isfinite(label_scale)):
        raise InvalidInputError(f"expected finite numbers, got {opacity} and {label_scale}")
    return RenderStyle(
        colour_by="instance" if value["colour_by"] == "instance" else "concept",
        opacity=min(max(opacity, 0.0), 1.0),
        masks=bool(value["masks"]),
        outlines=bool(value["outlines"]),
        boxes=bool(value["boxes"]),
        labels=bool(value["labels"]),
        label_scale=min(max(label_scale, 1.0), 3.0),
    )
