"""A segmenter that finds discs by colour: for tests in which the network is not the point."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import ConceptAnswer, Progress, Timings, VisualAnswer
from sam3_playground.weights.resolving import WeightsInfo

COLOURS = {"red": (220, 20, 20), "green": (20, 180, 20), "blue": (20, 20, 220)}
MASK_SIZE = 72


def disc_image(
    discs: Sequence[tuple[str, int, int, int]] = (), height: int = 120, width: int = 160
) -> RgbImage:
    """Discs (colour, x, y, radius) on grey."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    for colour, x, y, radius in discs:
        cv2.circle(pixels, (x, y), radius, COLOURS[colour], -1)
    return RgbImage(pixels)


class FakeSegmenter:
    """The segmenter's form over connected patches of one colour; scores fall from 0.9."""

    def __init__(self) -> None:
        self.key = uuid.uuid4().hex
        self.weights = WeightsInfo("fake", bundled=True, path=Path("fake"), note="a note")
        self.device = torch.device("cpu")
        self.calls: list[Any] = []
        self.embedded: set[str] = set()

    def holding(self, image: RgbImage) -> AbstractContextManager[None]:
        return nullcontext()

    def validate_text(self, prompt: ConceptPrompt) -> None:
        pass

    def is_embedded(self, image: RgbImage) -> bool:
        return image.key in self.embedded

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        self.embedded.add(image.key)
        return Timings(0.01, 0.0, encoded=True)

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **_: Any
    ) -> ConceptAnswer:
        self.calls.append(prompts)
        found = tuple(
            ConceptCandidates(prompt, 1.0, tuple(_patches(image, prompt))) for prompt in prompts
        )
        return ConceptAnswer(found, Timings(0.01, 0.02, encoded=True))

    def segment_visual(
        self,
        image: RgbImage,
        prompt: VisualPrompt,
        *,
        mask_input: NDArray[np.float32] | None = None,
        multimask: bool | None = None,
    ) -> VisualAnswer:
        self.calls.append(prompt)
        if prompt.clicks:
            click = next((one for one in prompt.clicks if one.positive), prompt.clicks[0])
            x, y = int(click.x), int(click.y)
        else:
            x0, y0, x1, y1 = prompt.box_xyxy or (0, 0, 1, 1)
            x, y = int(x0 + x1) // 2, int(y0 + y1) // 2
        same = np.all(image.pixels == _colour_at(image, x, y), axis=2)
        candidates = tuple(
            Candidate(score, low_logits(same), image.size, id=place)
            for place, score in enumerate((0.9, 0.6, 0.3))
        )
        return VisualAnswer(VisualCandidates(prompt, candidates), Timings(0.01, 0.02, encoded=True))


def _patches(image: RgbImage, prompt: ConceptPrompt) -> list[Candidate]:
    wanted = COLOURS.get(prompt.label)
    examples = [exemplar for exemplar in prompt.exemplars if exemplar.positive]
    if examples:
        x0, y0, x1, y1 = examples[0].box_xyxy
        wanted = tuple(_colour_at(image, int(x0 + x1) // 2, int(y0 + y1) // 2).tolist())
    if wanted is None:
        return []
    # What compression does to a colour leaves it the same one.
    same = np.all(np.abs(image.pixels.astype(np.int16) - np.array(wanted)) <= 12, axis=2)
    count, labels = cv2.connectedComponents(same.astype(np.uint8))
    return [
        Candidate(0.9 - 0.1 * (label - 1), low_logits(labels == label), image.size, id=label)
        for label in range(1, count)
    ]


def _colour_at(image: RgbImage, x: int, y: int) -> NDArray[np.uint8]:
    """The colour at a point, or at the nearest one in the image: boxes may reach out of it."""
    height, width = image.size
    colour: NDArray[np.uint8] = image.pixels[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
    return colour


def low_logits(bitmap: NDArray[np.bool_]) -> NDArray[np.float32]:
    coverage = cv2.resize(
        bitmap.astype(np.float32), (MASK_SIZE, MASK_SIZE), interpolation=cv2.INTER_AREA
    )
    return (np.asarray(coverage, np.float32) - 0.5) * 10
