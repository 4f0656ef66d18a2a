"""What the segmenter gives back: candidates, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass

from sam3_playground.core.results import ConceptCandidates, VisualCandidates


@dataclass(frozen=True)
class Timings:
    """Seconds of one call.

    Attributes:
        encode: Spent on the image; 0.0 where its embedding was there already.
        prompt: Spent on the prompts.
        encoded: Whether the image had to be encoded.
    """

    encode: float
    prompt: float
    encoded: bool


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
