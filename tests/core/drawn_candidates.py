"""Candidates whose masks are rectangles, three that one concept finds, and corrections of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core import selection
from sam3_playground.core.candidates import Candidate, ConceptCandidates
from sam3_playground.core.corrections import Corrected, Correction
from sam3_playground.core.nms import NO_NMS
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.results import Instance, Result
from sam3_playground.core.steps import Seed, Step
from tests.core.drawing import box_mask

SIZE = (20, 20)
CAT, DOG = ConceptPrompt("cat"), ConceptPrompt("dog")

Box = tuple[int, int, int, int]
FIRST, SECOND, THIRD = (0, 0, 5, 5), (10, 0, 15, 5), (0, 10, 5, 15)


def candidate(name: int, score: float, box: Box, **fields: Any) -> Candidate:
    return pixels(name, score, box_mask(*box, image_size=SIZE).to_bitmap(), **fields)


def pixels(name: int, score: float, bits: NDArray[np.bool_], **fields: Any) -> Candidate:
    logits = np.where(bits, 1, -1).astype(np.float32)
    return Candidate(score, logits, bits.shape, id=name, **fields)


A, B, C = candidate(7, 0.9, FIRST), candidate(3, 0.8, SECOND), candidate(5, 0.7, THIRD)
CATS = ConceptCandidates(CAT, 1.0, (A, B, C))


def seed(one: Candidate, prompt: ConceptPrompt = CAT) -> Seed:
    return Seed(prompt, one.id, one.mask.box_xyxy)


def mended(
    name: str,
    *replaced: Candidate,
    to: Sequence[Candidate] = (),
    concept: str = "cats",
    prompt: ConceptPrompt = CAT,
) -> Corrected:
    """A correction whose parts are steps that gave these masks."""
    first = seed(replaced[0], prompt) if replaced else None
    parts = tuple(Step(VisualPrompt((Click(1, 1 + n),)), 0, first) for n in range(len(to)))
    seeds = tuple(seed(one, prompt) for one in replaced)
    return Corrected(Correction(name, concept, seeds, parts), replaced, tuple(to))


def select(
    *corrected: Corrected, found: Sequence[ConceptCandidates] = (CATS,), **options: Any
) -> Result:
    ids = ("cats", "dogs")[: len(found)]
    said: dict[str, Any] = {"nms": NO_NMS} | options
    said.setdefault("corrections", tuple(one.correction for one in corrected))
    request = ConceptRequest(tuple(one.prompt for one in found), ids, **said)
    return selection.select_concepts(request, found, SIZE, corrected)


def told(item: Instance) -> tuple[Any, ...]:
    """All that can be seen of an instance."""
    bits = item.mask.to_bitmap().tobytes()
    return item.id, item.rank, item.score, item.label, item.corrected, item.candidate, bits


def ids_of(result: Result) -> list[str]:
    return [item.id for item in result.instances]


def one_of(result: Result, name: str) -> Instance:
    (item,) = (item for item in result.instances if item.id == name)
    return item


GROWN = candidate(0, 0.5, (0, 0, 8, 5))
