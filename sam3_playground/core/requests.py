"""What is asked of one image, in full: prompts, thresholds, suppression, cleanup, and limits.

A request is the same value at every door, so equal requests over one image have equal results.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import SCORE_FLOOR
from sam3_playground.core.cleanup import NO_CLEANUP, MaskCleanup
from sam3_playground.core.corrections import Correction
from sam3_playground.core.nms import DEFAULT_NMS, Nms
from sam3_playground.core.prompts import (
    ConceptPrompt,
    VisualPrompt,
    validate_concept_inside,
    validated_count,
    validated_unit_interval,
)
from sam3_playground.core.steps import Seed, Step
from sam3_playground.errors import InvalidPromptError, located

MAX_CONCEPTS = 16
MAX_OBJECTS = 32
# Instances of one image that were refined, removed, added or merged by hand.
MAX_CORRECTIONS = 128
# Clicked for all of them together, and prompts that found what they are about: what the network
# says to each is held until the answer is there.
MAX_STEPS = 512
MAX_SEED_PROMPTS = 32
DEFAULT_SCORE_THRESHOLD = 0.5


@dataclass(frozen=True)
class ConceptRequest:
    """Every instance of some concepts.

    Attributes:
        prompts: From 1 to MAX_CONCEPTS.
        ids: A name for each prompt, for the ids of its instances; without any they are counted
            from "0".
        score_threshold: In [0, 1]; a concept's own threshold wins over it. A score equal to it
            is kept, so 0 keeps all.
        nms: Which masks compete with each other.
        cleanup: What is done to each mask.
        corrections: What was mended by hand of what the prompts find, at most MAX_CORRECTIONS.

    Raises:
        InvalidPromptError: No prompts, too many, ids that are not one for each and all
            different, a threshold outside [0, 1], or corrections that are too many, with more
            than MAX_STEPS steps or of what more than MAX_SEED_PROMPTS prompts found, two of one
            id, or of a concept that is not asked.
    """

    prompts: tuple[ConceptPrompt, ...]
    ids: tuple[str, ...] = ()
    score_threshold: float = DEFAULT_SCORE_THRESHOLD
    nms: Nms = DEFAULT_NMS
    cleanup: MaskCleanup = NO_CLEANUP
    corrections: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "prompts", tuple(self.prompts))
        object.__setattr__(self, "corrections", tuple(self.corrections))
        if not self.prompts:
            raise InvalidPromptError("expected at least one concept, got none")
        validated_count(self.prompts, MAX_CONCEPTS, name="concepts")
        object.__setattr__(self, "ids", _ids(self.ids, len(self.prompts)))
        value = validated_unit_interval(self.score_threshold, name="score_threshold")
        object.__setattr__(self, "score_threshold", value)
        self._check_corrections()

    def _check_corrections(self) -> None:
        validated_count(self.corrections, MAX_CORRECTIONS, name="corrected instances")
        steps = [part for one in self.corrections for step in one.steps for part in step.chain]
        validated_count(steps, MAX_STEPS, name="steps of corrected instances")
        prompts = {seed.prompt for seed in self.seeds}
        validated_count(prompts, MAX_SEED_PROMPTS, name="prompts that found corrected instances")
        if len({one.id for one in self.corrections}) != len(self.corrections):
            raise InvalidPromptError("expected one correction for an instance, got two")
        for one in self.corrections:
            if one.concept not in self.ids:
                raise InvalidPromptError(
                    f"expected a correction of one of the concepts, got one of {one.concept!s:.40}"
                )

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """The found instances that its corrections are about, each once."""
        seeds = (seed for one in self.corrections for seed in one.seeds)
        return tuple(dict.fromkeys(seeds))

    def threshold_of(self, prompt: ConceptPrompt) -> float:
        """The threshold that holds for one of the prompts."""
        own = prompt.score_threshold
        return self.score_threshold if own is None else own

    @property
    def labels(self) -> tuple[str, ...]:
        """What instances may be called, each name once, in the prompts' order."""
        return tuple(dict.fromkeys(prompt.label for prompt in self.prompts))

    @property
    def score_floor(self) -> float:
        """Down to which score candidates are wanted, so that no threshold misses one."""
        return min(SCORE_FLOOR, *map(self.threshold_of, self.prompts))

    def check_inside(self, image_size: tuple[int, int]) -> None:
        """Refuse what has no part in an image of (height, width) pixels.

        Raises:
            InvalidPromptError: It says which example box.
        """
        for place, prompt in enumerate(self.prompts):
            with located("prompts", place):
                validate_concept_inside(prompt, image_size)
        for place, one in enumerate(self.corrections):
            with located("corrections", place):
                one.check_inside(image_size)


@dataclass(frozen=True, eq=False)
class VisualObject:
    """One object to cut out.

    Attributes:
        step: Its prompt, and what that refines.
        label: What to call it.
        mask_input: (m, m) float32 logits of a former mask of the same network to refine, in
            place of a step's; None without one.

    Raises:
        InvalidPromptError: Negative clicks alone, and no mask to refine.
    """

    step: Step
    label: str = "object"
    mask_input: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        self.step.check_target(refines=self.mask_input is not None)


@dataclass(frozen=True)
class VisualRequest:
    """One mask for each of some objects.

    Attributes:
        objects: From 1 to MAX_OBJECTS.
        ids: A name for each object, which is its instance's id; without any they are counted
            from "0".
        multimask: As `Segmenter.segment_visual` has it.
        cleanup: What is done to each mask.

    Raises:
        InvalidPromptError: No objects, too many, or ids that are not one for each and all
            different.
    """

    objects: tuple[VisualObject, ...]
    ids: tuple[str, ...] = ()
    multimask: bool | None = None
    cleanup: MaskCleanup = field(default=NO_CLEANUP)

    def __post_init__(self) -> None:
        object.__setattr__(self, "objects", tuple(self.objects))
        if not self.objects:
            raise InvalidPromptError("expected at least one object, got none")
        validated_count(self.objects, MAX_OBJECTS, name="objects")
        object.__setattr__(self, "ids", _ids(self.ids, len(self.objects)))

    @property
    def labels(self) -> tuple[str, ...]:
        """What instances may be called, each name once, in the objects' order."""
        return tuple(dict.fromkeys(item.label for item in self.objects))

    @property
    def seeds(self) -> tuple[Seed, ...]:
        """The found instances that its objects refine, each once."""
        seeds = [item.step.seed for item in self.objects]
        return tuple(dict.fromkeys(seed for seed in seeds if seed is not None))

    def check_inside(self, image_size: tuple[int, int]) -> None:
        """Refuse what has no part in an image of (height, width) pixels.

        Raises:
            InvalidPromptError: It says which point or box.
        """
        for place, item in enumerate(self.objects):
            with located("objects", place):
                item.step.check_inside(image_size)


Request: TypeAlias = ConceptRequest | VisualRequest


def visual_request(
    *prompts: VisualPrompt, multimask: bool | None = None, cleanup: MaskCleanup = NO_CLEANUP
) -> VisualRequest:
    """One object for each prompt, none of them refined."""
    objects = tuple(VisualObject(Step(prompt)) for prompt in prompts)
    return VisualRequest(objects, multimask=multimask, cleanup=cleanup)


def without_threshold(prompt: ConceptPrompt) -> ConceptPrompt:
    """The concept as the network sees it: thresholds come after."""
    return replace(prompt, score_threshold=None)


def _ids(ids: tuple[str, ...], count: int) -> tuple[str, ...]:
    ids = tuple(ids) or tuple(map(str, range(count)))
    if len(ids) != count or len(set(ids)) != count:
        raise InvalidPromptError(f"expected {count} different ids, got {len(set(ids))}")
    return ids
