"""A fake that notes the masks that it is given, and what it finds among discs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import Candidate, VisualCandidates
from sam3_playground.core.corrections import Correction
from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.results import Instance, Result
from sam3_playground.core.segmenter import ConceptAnswer, VisualAnswer
from sam3_playground.core.steps import Seed
from tests.fakes import FakeSegmenter, disc_image

DISCS = disc_image(
    [("red", 40, 40, 20), ("red", 110, 50, 25), ("green", 60, 95, 15), ("blue", 130, 100, 12)]
)
RED, GREEN = ConceptPrompt("red"), ConceptPrompt("green")
ON_GREEN, ON_BLUE = VisualPrompt((Click(60, 95),)), VisualPrompt((Click(130, 100),))
OFF = VisualPrompt((Click(60, 95, positive=False),))


class Noting(FakeSegmenter):
    """Notes the masks that it is given; its first candidate holds them as well.

    The second is what lies under the click alone, the third the rest of the image.
    """

    def __init__(self) -> None:
        super().__init__()
        self.masks: list[NDArray[np.float32] | None] = []
        self.floors: list[float] = []

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: Any
    ) -> ConceptAnswer:
        floor = options["score_floor"]
        self.floors.append(floor)
        said = super().segment_concepts(image, prompts, **options)
        found = [
            replace(
                one,
                candidates=tuple(item for item in one.candidates if item.score >= floor),
                score_floor=floor,
            )
            for one in said.candidates
        ]
        return replace(said, candidates=tuple(found))

    def segment_visual(self, image: RgbImage, prompt: VisualPrompt, **options: Any) -> VisualAnswer:
        said = super().segment_visual(image, prompt, **options)
        given = options["mask_input"]
        self.masks.append(given)
        first, second, third = said.candidates.candidates
        if given is not None:
            first = replace(first, mask_logits=np.maximum(first.mask_logits, given))
        third = replace(third, mask_logits=-third.mask_logits)
        return replace(said, candidates=VisualCandidates(prompt, (first, second, third)))


class Faint(Noting):
    """The second red disc scores less than what is kept unless somebody asks for it."""

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: Any
    ) -> ConceptAnswer:
        said = super().segment_concepts(image, prompts, score_floor=0.0)
        self.floors[-1] = floor = options["score_floor"]
        fainter = [
            tuple(replace(one, score=0.01) if one.id == 2 else one for one in of.candidates)
            for of in said.candidates
        ]
        kept = [
            replace(
                of,
                candidates=tuple(one for one in some if one.score >= floor),
                score_floor=floor,
            )
            for of, some in zip(said.candidates, fainter, strict=True)
        ]
        return replace(said, candidates=tuple(kept))


def found(segmenter: FakeSegmenter, prompt: ConceptPrompt = RED) -> tuple[Candidate, ...]:
    said = FakeSegmenter.segment_concepts(segmenter, DISCS, [prompt])
    segmenter.calls.clear()
    return said.candidates[0].candidates


def seed(one: Candidate, prompt: ConceptPrompt = RED) -> Seed:
    return Seed(prompt, one.id, one.mask.box_xyxy)


def corrected(*corrections: Correction, prompt: ConceptPrompt = RED) -> ConceptRequest:
    return ConceptRequest((prompt,), ("1",), 0.3, Nms("off"), corrections=corrections)


def one_of(result: Result, name: str) -> Instance:
    (item,) = (item for item in result.instances if item.id == name)
    return item


def same(one: Result, other: Result) -> bool:
    def told(item: Instance) -> Any:
        return item.id, item.rank, item.score, item.corrected, item.mask.to_bitmap().tobytes()

    return list(map(told, one.instances)) == list(map(told, other.instances))
