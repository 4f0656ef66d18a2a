"""From a state of the page to what it shows; the network runs only for prompts that are new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sam3_playground.config import Settings
from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import Timings
from sam3_playground.errors import InvalidInputError, UploadGoneError
from sam3_playground.images import decode_image
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.ui.ask import Ask, Step
from sam3_playground.ui.overlay import jpeg_url, shrink
from sam3_playground.ui.picture import concept_picture, object_picture
from sam3_playground.ui.session import Session, StepKey

# How often one that waits for the weights is told how far they are.
LOADING_SECONDS = 0.5

# Zoomed in, more of an image is to be seen than a screen has pixels.
PREVIEW_SIDE = 2400

Answer = dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """An image as it is segmented, for a browser that might show its file otherwise.

    Attributes:
        url: A picture with no side above `PREVIEW_SIDE`.
        image_size: (height, width) of the image.
    """

    url: str
    image_size: tuple[int, int]


@dataclass
class Work:
    """What one answer is made from, and the network's seconds that it took."""

    concepts: dict[ConceptPrompt, ConceptCandidates] = field(default_factory=dict)
    steps: dict[StepKey, VisualCandidates] = field(default_factory=dict)
    encode: float = 0.0
    prompt: float = 0.0
    calls: int = 0

    def count(self, timings: Timings) -> None:
        """Add one call of the network."""
        self.encode += timings.encode
        self.prompt += timings.prompt
        self.calls += 1


class Responder:
    """Answers for all visitors over one service.

    Args:
        service: The segmenter of all visitors.
        settings: Limits on images.
        path_of: The file of an upload's id; raises UploadGoneError where there is none.
    """

    def __init__(
        self, service: SegmenterService, settings: Settings, path_of: Callable[[str], Path]
    ) -> None:
        self._service = service
        self._settings = settings
        self._path_of = path_of

    def respond(self, ask: Ask, session: Session) -> Iterator[str | Preview | Answer]:
        """Say what is being done, step by step, and at last the answer.

        Yields:
            Lines about the step that begins, the image as soon as it is read where the ask
            wants it, then one answer as JSON values.

        Raises:
            PlaygroundError: The image, the prompts or the network; nothing of the session's
                earlier results is lost.
        """
        start = time.perf_counter()
        if ask.image is None:
            raise InvalidInputError("expected an image, got none: open one first")
        image = session.image_at(ask.image)
        if image is None:
            yield "Reading the image"
            image = session.keep_image(ask.image, self._open(self._path_of(ask.image)))
        if ask.preview:
            yield Preview(jpeg_url(shrink(image, PREVIEW_SIDE).pixels), image.size)
        work = Work()
        yield from self._run(ask, session, image, work)
        answer: Answer = {"serial": ask.serial, "mode": ask.mode, "image_size": list(image.size)}
        try:
            if ask.mode == "objects":
                answer |= object_picture(image, ask, work.steps)
            else:
                answer |= concept_picture(image, ask, work.concepts)
        finally:
            session.count_masks(image, work.concepts, work.steps)
        answer["timings"] = {
            "encode_ms": round(work.encode * 1000),
            "prompt_ms": round(work.prompt * 1000),
            "total_ms": round((time.perf_counter() - start) * 1000),
            "network_calls": work.calls,
        }
        yield answer

    def _open(self, path: Path) -> RgbImage:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UploadGoneError(
                "expected the uploaded image, got none any more: open it again"
            ) from error
        return decode_image(data, max_pixels=self._settings.max_pixels)

    def _run(self, ask: Ask, session: Session, image: RgbImage, work: Work) -> Iterator[str]:
        """Ask the network for what the session does not hold."""
        concepts, steps = _recall(ask, session, image, work)
        if session.is_embedded(image) and not concepts and not steps:
            return
        while self._service.status.state is State.LOADING:
            yield f"Waiting for the weights: {self._service.status.message}"
            time.sleep(LOADING_SECONDS)
        with self._service.turn() as segmenter, segmenter.holding(image):
            for concept in concepts:
                segmenter.validate_text(concept)
            if not session.is_embedded(image):
                yield "Encoding the image"
                work.count(segmenter.embed(image))
                session.mark_embedded(image)
            if concepts:
                yield "Looking for " + ", ".join(concept.label for concept in concepts)
                answer = segmenter.segment_concepts(image, concepts)
                work.count(answer.timings)
                for prompt, candidates in zip(concepts, answer.candidates, strict=True):
                    session.keep_concept(image, candidates)
                    work.concepts[prompt] = candidates
            for step in steps:
                _click(segmenter, session, image, step, work)


def _recall(
    ask: Ask, session: Session, image: RgbImage, work: Work
) -> tuple[list[ConceptPrompt], list[Step]]:
    """Take what the session holds; the concepts and steps that are missing, bases first."""
    concepts: list[ConceptPrompt] = []
    steps: list[Step] = []
    if ask.mode == "concepts":
        for concept in dict.fromkeys(without_threshold(one) for one in ask.concepts):
            kept = session.concept(image, concept)
            if kept is None:
                concepts.append(concept)
            else:
                work.concepts[concept] = kept
        return concepts, steps
    for step in (step for named in ask.objects for step in chain(named.step)):
        found = session.step(image, key_of(step))
        if found is None:
            steps.append(step)
        else:
            work.steps[key_of(step)] = found
    return concepts, steps


def without_threshold(concept: ConceptPrompt) -> ConceptPrompt:
    """The concept as the network sees it: thresholds come after."""
    return replace(concept, score_threshold=None)


def chain(step: Step | None) -> tuple[Step, ...]:
    """The steps that lead to this one and itself, the first one first."""
    steps: list[Step] = []
    while step is not None:
        steps.append(step)
        step = step.base
    return tuple(reversed(steps))


def key_of(step: Step) -> StepKey:
    """What the network's answer to the step depends on."""
    return StepKey(step.prompt, step.base)


def _click(segmenter: Segmenter, session: Session, image: RgbImage, step: Step, work: Work) -> None:
    key = key_of(step)
    if key in work.steps:
        return
    mask_input = None
    if step.base is not None:
        candidates = work.steps[key_of(step.base)].candidates
        if not 0 <= step.base.choice < len(candidates):
            raise InvalidInputError(
                f"expected a mask from 0 to {len(candidates) - 1}, got {step.base.choice}"
            )
        mask_input = candidates[step.base.choice].mask_logits
    answer = segmenter.segment_visual(image, step.prompt, mask_input=mask_input)
    work.count(answer.timings)
    session.keep_step(image, key, answer.candidates)
    work.steps[key] = answer.candidates
