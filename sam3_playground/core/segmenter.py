"""What a segmenter is: the one form of a network, a service, a worker elsewhere, a test's fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import (
    SCORE_FLOOR,
    ConceptCandidates,
    VisualCandidates,
)
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.errors import NoClicksError


@dataclass(frozen=True)
class Timings:
    """Seconds that a network worked.

    Attributes:
        encode: On the image; 0.0 where its embedding was there already.
        prompt: On the prompts.
        encoded: Whether the image had to be encoded.
        calls: How often it ran, on an image or on prompts; 0 where all was kept.
    """

    encode: float = 0.0
    prompt: float = 0.0
    encoded: bool = False
    calls: int = 1

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.encode + self.prompt

    def __add__(self, other: Timings) -> Timings:
        return Timings(
            self.encode + other.encode,
            self.prompt + other.prompt,
            self.encoded or other.encoded,
            self.calls + other.calls,
        )


@dataclass(frozen=True, eq=False)
class ConceptAnswer:
    """Candidates of each concept in the order asked, and the time it took."""

    candidates: tuple[ConceptCandidates, ...]
    timings: Timings


@dataclass(frozen=True, eq=False)
class VisualAnswer:
    """Candidates of one visual prompt, and the time it took."""

    candidates: VisualCandidates
    timings: Timings


NO_TIME = Timings(calls=0)

# Told which part of some work is done, from 0.0 to 1.0.
Progress = Callable[[float], None]


class RunningWeights(Protocol):
    """Which weights run, for people."""

    @property
    def name(self) -> str:
        """A hub id, a file's name, or "tiny"."""
        ...

    @property
    def bundled(self) -> bool:
        """Whether they are the project's own small checkpoint."""
        ...

    @property
    def note(self) -> str:
        """What happened on the way here and what to do about it; empty if nothing did."""
        ...

    @property
    def fallback(self) -> bool:
        """Whether they stand in the place of others that failed, as the note says."""
        ...

    @property
    def clicks(self) -> bool:
        """Whether they answer visual prompts; concepts they always do."""
        ...

    @property
    def summary(self) -> str:
        """One line that says honestly what runs."""
        ...


def check_clicks(weights: RunningWeights) -> None:
    """Refuse visual prompts to weights that do not answer them.

    Raises:
        NoClicksError: They have no click head.
    """
    if not weights.clicks:
        raise NoClicksError(weights.name)


class Segmenter(Protocol):
    """Proposes masks on images. Safe in several threads; nothing of a call is left in another.

    All methods raise `BusyError` where it cannot answer now, and `OutOfMemoryError`.
    """

    @property
    def key(self) -> str:
        """What its answers may be kept under: no other segmenter has it, at any time."""
        ...

    @property
    def weights(self) -> RunningWeights:
        """Which weights run."""
        ...

    @property
    def device(self) -> object:
        """Where they run, as a word such as "cpu"."""
        ...

    def validate_text(self, prompt: ConceptPrompt) -> None:
        """Refuse a text that the network would read only the beginning of; it does not run.

        Raises:
            InvalidPromptError: More tokens than its context holds.
        """
        ...

    def holding(self, image: RgbImage) -> AbstractContextManager[None]:
        """Encode an image once at most in a block of several calls, whatever is kept."""
        ...

    def is_embedded(self, image: RgbImage) -> bool:
        """Whether the image need not be encoded any more."""
        ...

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        """Encode an image, unless its embedding is kept already: that is NO_TIME.

        Args:
            image: The image.
            progress: Told how far that is, from 0.0 as it begins, in this thread.
        """
        ...

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], *, score_floor: float = SCORE_FLOOR
    ) -> ConceptAnswer:
        """Propose instances of every concept, in one batch.

        Args:
            image: The image.
            prompts: At least one concept, no exemplar outside the image.
            score_floor: Candidates below it are dropped; in [0, 1].

        Returns:
            For each prompt its candidates, best first; none is an empty tuple.

        Raises:
            InvalidPromptError: A text that is too long for the network.
        """
        ...

    def segment_visual(
        self,
        image: RgbImage,
        prompt: VisualPrompt,
        *,
        mask_input: NDArray[np.float32] | None = None,
        multimask: bool | None = None,
    ) -> VisualAnswer:
        """Propose masks of one object.

        Args:
            image: The image.
            prompt: Clicks and box in image pixels, inside the image.
            mask_input: (m, m) float32 logits of a former mask of this network to refine:
                those of a candidate, visual or of a concept.
            multimask: True for three candidates, False for the single mask that the network
                trusts most. None for what a person should see: three candidates for one click
                alone that refines no mask, else the single mask before them.

        Returns:
            The candidates: a trusted single mask, then best predicted IoU first.

        Raises:
            InvalidPromptError: A mask of another size.
            NoClicksError: The weights answer no visual prompts.
        """
        ...
