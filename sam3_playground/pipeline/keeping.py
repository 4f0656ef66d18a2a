"""What is kept of a network's answers, and what is asked because it is not."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol

from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import without_threshold
from sam3_playground.core.segmenter import NO_TIME, Segmenter, Timings
from sam3_playground.core.steps import StepKey


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
    """What concepts find on one image, that which is kept left out."""

    def __init__(
        self, image: RgbImage, prompts: Iterable[ConceptPrompt], floor: float, keeper: Keeper
    ) -> None:
        self._image, self._floor, self._keeper = image, floor, keeper
        self.found: dict[ConceptPrompt, ConceptCandidates] = {}
        self.missing: list[ConceptPrompt] = []
        for prompt in dict.fromkeys(map(without_threshold, prompts)):
            kept = keeper.concept(image, prompt)
            if kept is not None and kept.score_floor <= floor:
                self.found[prompt] = kept
            else:
                self.missing.append(prompt)

    def ask(self, segmenter: Segmenter) -> Generator[str, None, Timings]:
        """Ask the network for those that are missing."""
        if not self.missing:
            return NO_TIME
        yield "Looking for " + ", ".join(prompt.label for prompt in self.missing)
        said = segmenter.segment_concepts(self._image, self.missing, score_floor=self._floor)
        for candidates in said.candidates:
            self._keeper.keep_concept(self._image, candidates)
            self.found[candidates.prompt] = candidates
        return said.timings
