"""From a state of the page to what it shows; the network runs only for prompts that are new."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam3_playground.config import Settings
from sam3_playground.core.candidates import ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import NO_TIME, Segmenter
from sam3_playground.core.steps import StepKey
from sam3_playground.errors import InvalidInputError
from sam3_playground.images.uploads import open_upload
from sam3_playground.pipeline.answer import ConceptProposal, Proposal, embedding, proposing
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.overlay import jpeg_url, shrink
from sam3_playground.ui.picture import picture_of
from sam3_playground.ui.session import Answers, Session
from sam3_playground.ui.status import status_of

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
            path = self._path_of(ask.image)
            image = session.keep_image(
                ask.image, open_upload(path, max_pixels=self._settings.max_pixels)
            )
        if ask.preview:
            yield Preview(jpeg_url(shrink(image, PREVIEW_SIDE).pixels), image.size)
        segmenter = yield from self._loaded()
        answers = session.answers(segmenter.key)
        proposals = yield from _proposals(ask, answers, image, segmenter)
        answer: Answer = {"serial": ask.serial, "mode": ask.mode, "image_size": list(image.size)}
        try:
            answer |= picture_of(image, ask, proposals)
        finally:
            answers.count_masks(image, *_used(proposals))
        timings = sum((one.timings for one in proposals), NO_TIME)
        answer["timings"] = {
            "encode_ms": round(timings.encode * 1000),
            "prompt_ms": round(timings.prompt * 1000),
            "total_ms": round((time.perf_counter() - start) * 1000),
            "network_calls": timings.calls,
        }
        answer["network"] = segmenter.key
        answer["status"] = status_of(self._service.status)
        yield answer

    def _loaded(self) -> Generator[str, None, Segmenter]:
        """The segmenter for all of an answer, once its weights are there."""
        while self._service.status.state is State.LOADING:
            yield f"Waiting for the weights: {self._service.status.message}"
            time.sleep(LOADING_SECONDS)
        return self._service.current


def _proposals(
    ask: Ask, answers: Answers, image: RgbImage, segmenter: Segmenter
) -> Generator[str, None, list[Proposal]]:
    """Ask the network for what the session does not hold of its answers."""
    proposals = []
    for request in ask.requests:
        proposal = yield from proposing(segmenter, image, request, answers)
        proposals.append(proposal)
    if not proposals and not answers.is_embedded(image):
        yield from embedding(segmenter, image)
    answers.mark_embedded(image)
    return proposals


def _used(
    proposals: Sequence[Proposal],
) -> tuple[dict[ConceptPrompt, ConceptCandidates], dict[StepKey, VisualCandidates]]:
    """The candidates that an answer was made of, as a session keeps them."""
    concepts: dict[ConceptPrompt, ConceptCandidates] = {}
    steps: dict[StepKey, VisualCandidates] = {}
    for proposal in proposals:
        steps |= proposal.steps
        if isinstance(proposal, ConceptProposal):
            concepts |= {found.prompt: found for found in (*proposal.found, *proposal.seeds)}
    return concepts, steps
