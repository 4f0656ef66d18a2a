"""Reading the page's state, which is untrusted JSON, into an ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import ConceptRequest, Request, VisualObject, VisualRequest
from sam3_playground.core.steps import Step
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from sam3_playground.formats.picture import RenderStyle
from sam3_playground.server.validation import expected_and_got
from sam3_playground.ui.ask import Ask, Mode, Row

# More than sixteen concepts can have instances.
MAX_HIDDEN = 2**12
MAX_NAME_LENGTH = 80

_NO_STATE = "expected the page's state in its own form, got another one: load the page again"

Value = TypeVar("Value")


def read_ask(value: object) -> Ask:
    """The ask in a value that came from a browser.

    Whether the image's id is that of an upload has to be checked by who keeps these.

    Raises:
        InvalidInputError: The value does not have the page's form, or a prompt is wrong.
    """
    try:
        state = _State.model_validate(value)
    except (ValidationError, RecursionError) as error:
        raise InvalidInputError(_described(error)) from error
    return state.ask()


def _described(error: Exception) -> str:
    """One sentence, which names the field where that helps."""
    if not isinstance(error, ValidationError):
        return _NO_STATE
    first = error.errors(include_url=False, include_context=False)[0]
    names = [str(part) for part in first["loc"] if isinstance(part, str)]
    if not names or first["type"] in {"missing", "model_type"}:
        return _NO_STATE
    return f"{names[-1].replace('_', ' ')}: {expected_and_got(dict(first))}"


class _Part(BaseModel):
    """A part of the page's state: of the kinds that are named, and nothing else made of them."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)


_Id = Annotated[int, Field(ge=1, le=2**31)]
_Slot = Annotated[int, Field(ge=0, le=2**10)]
_Box = Annotated[list[float], Field(min_length=4, max_length=4)]
_Place = Annotated[int, Field(ge=0, le=2**10)]
_InstanceId = Annotated[str, Field(max_length=64)]


class _Exemplar(_Part):
    box: _Box
    positive: bool

    def exemplar(self) -> Exemplar:
        return Exemplar(_corners(self.box), self.positive)


class _Concept(_Part):
    id: _Id
    slot: _Slot
    text: str | None
    exemplars: list[_Exemplar]
    threshold: float | None

    def prompt(self) -> ConceptPrompt:
        exemplars = tuple(one.exemplar() for one in self.exemplars)
        return ConceptPrompt(self.text, exemplars, self.threshold)


class _Point(_Part):
    x: float
    y: float
    positive: bool


class _Step(_Part):
    points: list[_Point]
    box: _Box | None
    choice: _Place
    base: _Step | None

    def step(self) -> Step:
        # From the innermost on: a chain may be longer than Python calls itself.
        chain: list[_Step] = []
        part: _Step | None = self
        while part is not None:
            chain.append(part)
            part = part.base
        made: Step | None = None
        for one in reversed(chain):
            clicks = tuple(Click(point.x, point.y, point.positive) for point in one.points)
            box = None if one.box is None else _corners(one.box)
            made = Step(VisualPrompt(clicks, box), one.choice, made)
        if made is None:
            raise InvalidInputError(_NO_STATE)
        return made


class _Object(_Part):
    id: _Id
    slot: _Slot
    name: str
    step: _Step | None

    def label(self) -> str:
        """Its name as shown: the slot, which no other has, says it where it has none."""
        name = self.name.encode("utf-8", "replace").decode()[:MAX_NAME_LENGTH]
        return name.strip() or f"object {self.slot + 1}"


class _Nms(_Part):
    mode: Literal["off", "within", "across"]
    iou: float

    def nms(self) -> Nms:
        return Nms(self.mode, self.iou)


class _Cleanup(_Part):
    fill_holes: int = 0
    min_area: int = 0
    simplify: float = 0.0

    def cleanup(self) -> MaskCleanup:
        return MaskCleanup(self.fill_holes, self.min_area, self.simplify)


class _Style(_Part):
    colour_by: Literal["concept", "instance"]
    opacity: float
    masks: bool
    outlines: bool
    boxes: bool
    labels: bool
    label_scale: float

    def style(self) -> RenderStyle:
        return RenderStyle(
            colour_by=self.colour_by,
            opacity=min(max(self.opacity, 0.0), 1.0),
            masks=self.masks,
            outlines=self.outlines,
            boxes=self.boxes,
            labels=self.labels,
            label_scale=min(max(self.label_scale, 1.0), 3.0),
        )


class _State(_Part):
    serial: Annotated[int, Field(ge=0, le=2**53)]
    mode: Mode
    image: Annotated[str, Field(max_length=256)] | None
    preview: bool
    concepts: list[_Concept]
    objects: list[_Object]
    active: Annotated[int, Field(ge=-1, le=2**10)]
    score_threshold: float
    nms: _Nms
    cleanup: _Cleanup
    style: _Style
    hidden: Annotated[list[_InstanceId], Field(max_length=MAX_HIDDEN)]

    def ask(self) -> Ask:
        request: Request | None
        cleanup = self.cleanup.cleanup()
        if self.mode == "concepts":
            rows, request = self._asked_concepts(cleanup)
        else:
            rows, request = self._asked_objects(cleanup)
        return Ask(
            serial=self.serial,
            mode=self.mode,
            image=self.image or None,
            preview=self.preview,
            request=request,
            rows=tuple(rows),
            active=rows[self.active].id if 0 <= self.active < len(rows) else None,
            nms=self.nms.nms(),
            style=self.style.style(),
            hidden=frozenset(self.hidden),
        )

    def _asked_concepts(self, cleanup: MaskCleanup) -> tuple[list[Row], ConceptRequest | None]:
        prompts = [concept.prompt() for concept in self.concepts]
        rows = [
            Row(str(concept.id), concept.slot, prompt.label)
            for concept, prompt in zip(self.concepts, prompts, strict=True)
        ]
        if not prompts:
            return rows, None
        return rows, ConceptRequest(
            tuple(prompts),
            tuple(row.id for row in rows),
            score_threshold=self.score_threshold,
            nms=self.nms.nms(),
            cleanup=cleanup,
        )

    def _asked_objects(self, cleanup: MaskCleanup) -> tuple[list[Row], VisualRequest | None]:
        rows = [Row(str(one.id), one.slot, one.label()) for one in self.objects]
        asked = [
            (row.id, _named(row.label, partial(_visual_object, one.step, row.label)))
            for row, one in zip(rows, self.objects, strict=True)
            if one.step is not None
        ]
        if not asked:
            return rows, None
        ids, objects = zip(*asked, strict=True)
        return rows, VisualRequest(objects, ids, cleanup=cleanup)


def _visual_object(step: _Step, label: str) -> VisualObject:
    return VisualObject(step.step(), label)


def _named(label: str, make: Callable[[], Value]) -> Value:
    """What is made; errors about it say which object it is."""
    try:
        return make()
    except InvalidPromptError as error:
        raise InvalidPromptError(f"{label}: {error}") from error


def _corners(box: Sequence[float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1)
