"""Reading the page's state, which is untrusted JSON, into an ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from sam3_playground.core.cleanup import MaskCleanup
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest, VisualObject, VisualRequest
from sam3_playground.errors import InvalidInputError, InvalidPromptError
from sam3_playground.formats.picture import RenderStyle
from sam3_playground.formats.views import View
from sam3_playground.server.validation import expected_and_got
from sam3_playground.ui.ask import Ask, Mode, Row
from sam3_playground.ui.forms import (
    NO_STATE,
    ConceptForm,
    Form,
    Id,
    InstanceId,
    Number,
    Slot,
    StepForm,
)

# More than sixteen concepts can have instances.
MAX_HIDDEN = 2**12
MAX_NAME_LENGTH = 80

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
        return NO_STATE
    first = error.errors(include_url=False, include_context=False)[0]
    # Fields, and of those that may be of several forms the form's name, which is our own.
    names = [part for part in map(str, first["loc"]) if part.islower()]
    if not names or first["type"] in {"missing", "model_type", "recursion_loop"}:
        return NO_STATE
    return f"{names[-1].replace('_', ' ')}: {expected_and_got(dict(first))}"


class _Object(Form):
    id: Id
    slot: Slot
    name: str
    number: Number
    step: StepForm | None

    def label(self) -> str:
        """Its name as shown: the number, which no other has, says it where it has none."""
        name = self.name.encode("utf-8", "replace").decode()[:MAX_NAME_LENGTH]
        return name.strip() or f"object {self.number}"


class _Nms(Form):
    mode: Literal["off", "within", "across"]
    iou: float

    def nms(self) -> Nms:
        return Nms(self.mode, self.iou)


class _Cleanup(Form):
    fill_holes: int = 0
    min_area: int = 0
    simplify: float = 0.0

    def cleanup(self) -> MaskCleanup:
        return MaskCleanup(self.fill_holes, self.min_area, self.simplify)


class _Style(Form):
    colour_by: Literal["concept", "instance"]
    opacity: float
    masks: bool
    outlines: bool
    boxes: bool
    labels: bool
    label_scale: float
    view: View = "overlay"

    def style(self) -> RenderStyle:
        return RenderStyle(
            colour_by=self.colour_by,
            opacity=min(max(self.opacity, 0.0), 1.0),
            masks=self.masks,
            outlines=self.outlines,
            boxes=self.boxes,
            labels=self.labels,
            label_scale=min(max(self.label_scale, 1.0), 3.0),
            view=self.view,
        )


class _State(Form):
    serial: Annotated[int, Field(ge=0, le=2**53)]
    mode: Mode
    image: Annotated[str, Field(max_length=256)] | None
    preview: bool
    concepts: list[ConceptForm]
    objects: list[_Object]
    active: InstanceId | None
    score_threshold: float
    nms: _Nms
    cleanup: _Cleanup
    style: _Style
    hidden: Annotated[list[InstanceId], Field(max_length=MAX_HIDDEN)]

    def ask(self) -> Ask:
        cleanup = self.cleanup.cleanup()
        prompts = [concept.prompt() for concept in self.concepts]
        rows = [
            Row(str(concept.id), concept.slot, prompt.label)
            for concept, prompt in zip(self.concepts, prompts, strict=True)
        ]
        objects = [Row(str(one.id), one.slot, one.label(), is_object=True) for one in self.objects]
        if len({row.id for row in (*rows, *objects)}) < len(rows) + len(objects):
            raise InvalidInputError(NO_STATE)
        return Ask(
            serial=self.serial,
            mode=self.mode,
            image=self.image or None,
            preview=self.preview,
            concepts=self._asked_concepts(prompts, rows, cleanup),
            objects=self._asked_objects(objects, cleanup),
            rows=(*rows, *objects),
            active=self.active,
            nms=self.nms.nms(),
            style=self.style.style(),
            hidden=frozenset(self.hidden),
        )

    def _asked_concepts(
        self, prompts: Sequence[ConceptPrompt], rows: Sequence[Row], cleanup: MaskCleanup
    ) -> ConceptRequest | None:
        if not prompts:
            return None
        corrections = []
        for row, concept in zip(rows, self.concepts, strict=True):
            for one in concept.corrections:
                # By it the page knows whose it is, and it is no other concept's or object's.
                if not one.id.startswith(f"{row.id}:"):
                    raise InvalidInputError(NO_STATE)
                corrections.append(_named(row.label, partial(one.correction, row.id)))
        return ConceptRequest(
            tuple(prompts),
            tuple(row.id for row in rows),
            score_threshold=self.score_threshold,
            nms=self.nms.nms(),
            cleanup=cleanup,
            corrections=tuple(corrections),
        )

    def _asked_objects(self, rows: Sequence[Row], cleanup: MaskCleanup) -> VisualRequest | None:
        asked = [
            (row.id, _named(row.label, partial(_visual_object, one.step, row.label)))
            for row, one in zip(rows, self.objects, strict=True)
            if one.step is not None
        ]
        if not asked:
            return None
        ids, objects = zip(*asked, strict=True)
        return VisualRequest(objects, ids, cleanup=cleanup)


def _visual_object(step: StepForm, label: str) -> VisualObject:
    return VisualObject(step.step(), label)


def _named(label: str, make: Callable[[], Value]) -> Value:
    """What is made; errors about it say which object it is."""
    try:
        return make()
    except InvalidPromptError as error:
        raise InvalidPromptError(f"{label}: {error}") from error
