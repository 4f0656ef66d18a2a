"""What is kept of a network's answers, and what is asked because it is not."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.corrections import known_by_id
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import without_threshold
from sam3_playground.core.segmenter import NO_TIME, Segmenter, Timings
from sam3_playground.core.steps import Seed, StepKey


class Keeper(Protocol):
    """Remembers what a network said of images, for as long as it likes."""

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> ConceptCandidates | None:
        """Candidates of a concept without a threshold, if they are kept."""
        ...

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Keep the candidates of a concept without a threshold."""
        ...

    def step(self, image: RgbImage, key: StepKey) -> VisualCandidates | None:
        """Candidates of a step, if they are kept."""
        ...

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Keep the candidates of a step."""
        ...


class Forgetful:
    """Keeps nothing."""

    def concept(self, image: RgbImage, prompt: ConceptPrompt) -> None:
        """Nothing."""

    def keep_concept(self, image: RgbImage, found: ConceptCandidates) -> None:
        """Nothing is kept."""

    def step(self, image: RgbImage, key: StepKey) -> None:
        """Nothing."""

    def keep_step(self, image: RgbImage, key: StepKey, found: VisualCandidates) -> None:
        """Nothing is kept."""


class Concepts:
    """What concepts find on one image, that which is kept left out.

    Args:
        image: The image.
        prompts: The concepts.
        seeds: Instances that have to be among what their prompts find, whatever their scores.
        floor: Down to which score the concepts' candidates are wanted.
        keeper: What is remembered.

    Attributes:
        found: What each prompt finds, without its threshold.
    """

    def __init__(
        self,
        image: RgbImage,
        prompts: Iterable[ConceptPrompt],
        seeds: Iterable[Seed],
        floor: float,
        keeper: Keeper,
    ) -> None:
        self._image, self._floor, self._keeper = image, floor, keeper
        self._seeds = tuple(seeds)
        self.found: dict[ConceptPrompt, ConceptCandidates] = {}
        self._missing: list[ConceptPrompt] = []
        every = [*map(without_threshold, prompts), *(seed.prompt for seed in self._seeds)]
        for prompt in dict.fromkeys(every):
            kept = keeper.concept(image, prompt)
            if kept is not None and kept.score_floor <= floor:
                self.found[prompt] = kept
            else:
                self._missing.append(prompt)

    @property
    def complete(self) -> bool:
        """Whether nothing has to be asked."""
        return not (self._missing or self._too_shallow)

    @property
    def _too_shallow(self) -> list[ConceptPrompt]:
        """Those of seeds that are not there, and may be where scores are lower."""
        return list(
            dict.fromkeys(
                seed.prompt
                for seed in self._seeds
                if (found := self.found.get(seed.prompt)) is not None
                and found.score_floor > 0
                and known_by_id(seed, found) is None
            )
        )

    def ask(self, segmenter: Segmenter) -> Generator[str, None, Timings]:
        """Ask the network for those that are missing, then for lower scores where seeds are."""
        timings = yield from self._ask(segmenter, self._missing, self._floor)
        return timings + (yield from self._ask(segmenter, self._too_shallow, 0.0))

    def _ask(
        self, segmenter: Segmenter, prompts: list[ConceptPrompt], floor: float
    ) -> Generator[str, None, Timings]:
        if not prompts:
            return NO_TIME
        yield "Looking for " + ", ".join(prompt.label for prompt in prompts)
        said = segmenter.segment_concepts(self._image, prompts, score_floor=floor)
        for candidates in said.candidates:
            self._keeper.keep_concept(self._image, candidates)
            self.found[candidates.prompt] = candidates
        return said.timings
