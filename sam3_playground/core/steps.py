"""How an object's mask came about: prompts in turn, each refining a mask that was there before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from sam3_playground.core.prompts import (
    BoxXYXY,
    ConceptPrompt,
    VisualPrompt,
    validate_concept_inside,
    validate_target,
    validate_visual_inside,
    validated_box,
)
from sam3_playground.errors import InvalidPromptError

# How often a mask may be refined from one that was chosen by hand.
MAX_DEPTH = 16


@dataclass(frozen=True)
class Seed:
    """An instance that a concept's prompt found, named so that it is found again.

    Attributes:
        prompt: The concept that found it, without a threshold.
        candidate: The id of the network's candidate.
        box_xyxy: The tight box of its mask, in image pixels: by it the instance is known where
            other weights give other ids.
    """

    prompt: ConceptPrompt
    candidate: int
    box_xyxy: BoxXYXY

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompt", replace(self.prompt, score_threshold=None))
        box = validated_box(self.box_xyxy, name="an instance's box")
        object.__setattr__(self, "box_xyxy", box)


@dataclass(frozen=True)
class Step:
    """An object's prompt, and the mask that it refines.

    Attributes:
        prompt: Clicks and box.
        choice: Which of the candidates is chosen, the best one first.
        base: The step whose chosen mask is refined, or the instance of a concept whose mask is;
            None starts without a mask.

    Raises:
        InvalidPromptError: Refined more than MAX_DEPTH times.
    """

    prompt: VisualPrompt
    choice: int = 0
    base: Step | Seed | None = None

    def __post_init__(self) -> None:
        if len(self.chain) > MAX_DEPTH + 1:
            raise InvalidPromptError(f"expected at most {MAX_DEPTH} refined masks, got more")

    @property
    def chain(self) -> tuple[Step, ...]:
        """The steps that lead to this one and itself, the first one first."""
        steps = [self]
        while isinstance(base := steps[-1].base, Step):
            steps.append(base)
        return tuple(reversed(steps))

    @property
    def seed(self) -> Seed | None:
        """The instance that the first of the chain refines, if it does."""
        base = self.chain[0].base
        return base if isinstance(base, Seed) else None

    @property
    def key(self) -> StepKey:
        """What the network's answer to the step depends on."""
        return StepKey(self.prompt, self.base)

    def check_target(self, *, refines: bool = False) -> None:
        """Refuse a chain that says nowhere which object it is about.

        Args:
            refines: Whether a mask goes with it that is no step's.

        Raises:
            InvalidPromptError: Negative clicks alone, and no mask to refine.
        """
        for step in self.chain:
            validate_target(step.prompt, refines=refines or step.base is not None)

    def check_inside(self, image_size: tuple[int, int]) -> None:
        """Refuse what has no part in an image of (height, width) pixels.

        Raises:
            InvalidPromptError: It says which point or box.
        """
        for step in self.chain:
            validate_visual_inside(step.prompt, image_size)
        if self.seed is not None:
            validate_concept_inside(self.seed.prompt, image_size)


class StepKey(NamedTuple):
    """What the network's answer to a step depends on; the choice among it comes after."""

    prompt: VisualPrompt
    base: Step | Seed | None


# What a mask is made of.
Part: TypeAlias = Step | Seed
