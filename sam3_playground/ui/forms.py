"""The parts that the page's state is made of, as they come from a browser: untrusted JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sam3_playground.core.corrections import Correction
from sam3_playground.core.prompts import BoxXYXY, Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.steps import MAX_DEPTH, Part, Seed, Step
from sam3_playground.errors import InvalidInputError, InvalidPromptError

NO_STATE = "expected the page's state in its own form, got another one: load the page again"


class Form(BaseModel):
    """A part of the page's state: of the kinds that are named, and nothing else made of them."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)


MAX_ID = 2**31
# Of candidates, masks to choose from, colours and numbers.
MAX_PLACE = 2**10
MAX_INSTANCE_ID_LENGTH = 64

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Slot = Annotated[int, Field(ge=0, le=MAX_PLACE)]
Number = Annotated[int, Field(ge=1, le=MAX_PLACE)]
Box = Annotated[list[float], Field(min_length=4, max_length=4)]
InstanceId = Annotated[str, Field(max_length=MAX_INSTANCE_ID_LENGTH)]
_Place = Annotated[int, Field(ge=0, le=MAX_PLACE)]


class ExemplarForm(Form):
    """An example box."""

    box: Box
    positive: bool

    def exemplar(self) -> Exemplar:
        """As the core has it."""
        return Exemplar(corners(self.box), self.positive)


class PointForm(Form):
    """A click."""

    x: float
    y: float
    positive: bool


class SeedForm(Form):
    """A found instance: the concept that found it, which candidate it was, and its box."""

    text: str | None
    exemplars: list[ExemplarForm]
    candidate: _Place
    box: Box

    def seed(self) -> Seed:
        """As the core has it."""
        exemplars = tuple(one.exemplar() for one in self.exemplars)
        return Seed(ConceptPrompt(self.text, exemplars), self.candidate, corners(self.box))


class StepForm(Form):
    """An object's prompt, which of its masks is chosen, and what it refines."""

    points: list[PointForm]
    box: Box | None
    choice: _Place
    base: StepForm | SeedForm | None

    def step(self) -> Step:
        """As the core has it."""
        # From the innermost on: a chain may be longer than Python calls itself.
        chain: list[StepForm] = []
        part: StepForm | SeedForm | None = self
        while isinstance(part, StepForm):
            chain.append(part)
            part = part.base
            if len(chain) > MAX_DEPTH + 1:
                raise InvalidPromptError(f"expected at most {MAX_DEPTH} refined masks, got more")
        made: Part | None = None if part is None else part.seed()
        for one in reversed(chain):
            clicks = tuple(Click(point.x, point.y, point.positive) for point in one.points)
            box = None if one.box is None else corners(one.box)
            made = Step(VisualPrompt(clicks, box), one.choice, made)
        if not isinstance(made, Step):
            raise InvalidInputError(NO_STATE)
        return made


class CorrectionForm(Form):
    """An instance that was mended by hand."""

    id: InstanceId
    replaces: list[SeedForm]
    parts: list[StepForm | SeedForm]

    def correction(self, concept: str) -> Correction:
        """As the core has it, of the concept with that id."""
        return Correction(
            self.id,
            concept,
            tuple(one.seed() for one in self.replaces),
            tuple(
                part.step() if isinstance(part, StepForm) else part.seed() for part in self.parts
            ),
        )


class ConceptForm(Form):
    """A concept, and what was mended of what it finds."""

    id: Id
    slot: Slot
    text: str | None
    exemplars: list[ExemplarForm]
    threshold: float | None
    corrections: list[CorrectionForm] = []

    def prompt(self) -> ConceptPrompt:
        """As the core has it."""
        exemplars = tuple(one.exemplar() for one in self.exemplars)
        return ConceptPrompt(self.text, exemplars, self.threshold)


def corners(box: Sequence[float]) -> BoxXYXY:
    """The four numbers of a box."""
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1)
