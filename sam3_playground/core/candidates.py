"""What a network proposes, before anything is decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.masks import Mask, mask_from_logits
from sam3_playground.core.prompts import BoxXYXY, ConceptPrompt, VisualPrompt

# Of what the network proposes, what scores less is not even kept unless somebody asks for it.
SCORE_FLOOR = 0.02


@dataclass(frozen=True, eq=False)
class Candidate:
    """One mask that a network proposes, at the network's own resolution.

    Attributes:
        score: Confidence in [0, 1]; for visual prompts the predicted IoU.
        mask_logits: (h, w) float32 over `region`, squashed to the network's grid; positive
            inside.
        image_size: (height, width) of the image in pixels.
        box_xyxy: The network's own box in image pixels, or None where it predicts none.
        id: Which one it is among its prompt's, whatever else was asked along with that: the
            network's query, or its mask token.
        region: What of the image the logits cover, as (x0, y0, x1, y1) in whole pixels; None
            for all of it.
    """

    score: float
    mask_logits: NDArray[np.float32]
    image_size: tuple[int, int]
    box_xyxy: BoxXYXY | None = None
    id: int = 0
    region: tuple[int, int, int, int] | None = None

    @cached_property
    def mask(self) -> Mask:
        """The mask in image pixels, made on first use and kept: see `made_mask`."""
        if self.region is None:
            return mask_from_logits(self.mask_logits, self.image_size)
        x0, y0, x1, y1 = self.region
        part = mask_from_logits(self.mask_logits, (y1 - y0, x1 - x0))
        if part.is_empty:
            return Mask(self.image_size, (0, 0), part.bits)
        y, x = part.offset
        return Mask(self.image_size, (y0 + y, x0 + x), part.bits)

    @property
    def made_mask(self) -> Mask | None:
        """The mask, if somebody used it already; it takes its own memory from then on."""
        made: Mask | None = self.__dict__.get("mask")
        return made


@dataclass(frozen=True, eq=False)
class ConceptCandidates:
    """What a network proposes for one concept, best first, down to a low floor.

    Attributes:
        prompt: The concept.
        presence_score: Probability in [0, 1] that the image holds the concept at all;
            already a factor of the candidates' scores.
        candidates: In falling order of score; empty if nothing reached the floor.
        score_floor: What scored less was left out.
    """

    prompt: ConceptPrompt
    presence_score: float
    candidates: tuple[Candidate, ...]
    score_floor: float = SCORE_FLOOR


@dataclass(frozen=True, eq=False)
class VisualCandidates:
    """The masks that a network proposes for one visual prompt.

    Attributes:
        prompt: The clicks and box.
        candidates: The one to show first, the others in falling order of predicted IoU;
            never empty.
    """

    prompt: VisualPrompt
    candidates: tuple[Candidate, ...]
