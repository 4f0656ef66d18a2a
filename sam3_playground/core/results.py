"""The one type of result that page, API, command line, exports and evaluation share.

A network call gives *candidates* (everything above a low floor). A selection, with its
thresholds and its suppression, turns candidates into *instances* without the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask, mask_from_logits
from sam3_playground.core.polygons import Polygon, mask_to_polygons
from sam3_playground.core.prompts import BoxXYXY, ConceptPrompt, VisualPrompt


@dataclass(frozen=True, eq=False)
class Candidate:
    """One mask that the network proposes, at the network's own resolution.

    Attributes:
        score: Confidence in [0, 1]; for visual prompts the predicted IoU.
        mask_logits: (h, w) float32 over the whole image, squashed to the network's grid;
            positive inside.
        image_size: (height, width) of the image in pixels.
        box_xyxy: The network's own box in image pixels, or None where it predicts none.
    """

    score: float
    mask_logits: NDArray[np.float32]
    image_size: tuple[int, int]
    box_xyxy: BoxXYXY | None = None

    @cached_property
    def mask(self) -> Mask:
        """The mask in image pixels, made on first use and kept: see `made_mask`."""
        return mask_from_logits(self.mask_logits, self.image_size)

    @property
    def made_mask(self) -> Mask | None:
        """The mask, if somebody used it already; it takes its own memory from then on."""
        made: Mask | None = self.__dict__.get("mask")
        return made


@dataclass(frozen=True, eq=False)
class ConceptCandidates:
    """What the network proposes for one concept, best first, down to a low floor.

    Attributes:
        prompt: The concept.
        presence_score: Probability in [0, 1] that the image holds the concept at all;
            already a factor of the candidates' scores.
        candidates: In falling order of score; empty if nothing reached the floor.
    """

    prompt: ConceptPrompt
    presence_score: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, eq=False)
class VisualCandidates:
    """The masks that the network proposes for one visual prompt.

    Attributes:
        prompt: The clicks and box.
        candidates: The one to show first, the others in falling order of predicted IoU;
            never empty.
    """

    prompt: VisualPrompt
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, eq=False)
class Instance:
    """One object that was found.

    Attributes:
        label: The concept's name, as shown.
        score: Confidence in [0, 1].
        mask: Its pixels.
        candidate: The place of the candidate that it was, among its prompt's.
        polygons: The outer outlines that the mask was drawn from, in the form of
            `mask_to_polygons`; None where they have to be traced.
    """

    label: str
    score: float
    mask: Mask
    candidate: int = 0
    polygons: tuple[Polygon, ...] | None = None

    @property
    def outlines(self) -> Sequence[Polygon]:
        """Its outer outlines, (K, 2) int32 corners (x, y) each, as `mask_to_polygons` says."""
        return mask_to_polygons(self.mask) if self.polygons is None else self.polygons


@dataclass(frozen=True, eq=False)
class PromptResult:
    """What one prompt found.

    Attributes:
        prompt: The prompt that was asked.
        instances: Kept instances in the candidates' order.
        best_score: The best score that any candidate had, kept or not; None without any.
    """

    prompt: ConceptPrompt | VisualPrompt
    instances: tuple[Instance, ...]
    best_score: float | None = None


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The answer to one request over one image.

    Attributes:
        image_size: (height, width) in pixels.
        prompt_results: One for each prompt, in the request's order.
    """

    image_size: tuple[int, int]
    prompt_results: tuple[PromptResult, ...]

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All instances, prompt after prompt."""
        return tuple(i for result in self.prompt_results for i in result.instances)
