"""From a state of the page to what it shows; the network runs only for prompts that are new."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.segmenter import NO_TIME, Segmenter
from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.scaling import shrink
from sam3_playground.images.uploads import open_upload
from sam3_playground.pipeline.answer import Proposal, embedding, proposing
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.finding import Found
from sam3_playground.ui.overlay import jpeg_url
from sam3_playground.ui.picture import counts_of, picture_of
from sam3_playground.ui.session import Answers, Session
from sam3_playground.ui.status import status_of
from sam3_playground.ui.steps import end_of

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
        found = yield from self.find(ask, session)
        image, proposals = found.image, found.proposals
        answer: Answer = {"serial": ask.serial, "mode": ask.mode, "image_size": list(image.size)}
        try:
            answer |= picture_of(image, ask, proposals)
        finally:
            found.count_masks()
        timings = sum((one.timings for one in proposals), NO_TIME)
        answer["timings"] = {
            "encode_ms": round(timings.encode * 1000),
            "prompt_ms": round(timings.prompt * 1000),
            "total_ms": round((time.perf_counter() - start) * 1000),
            "network_calls": timings.calls,
        }
        answer["network"] = found.network
        answer["status"] = status_of(self._service.status)
        yield answer

    def find(self, ask: Ask, session: Session) -> Generator[str | Preview, None, Found]:
        """The same up to where it is known what is found, which is returned.

        Whoever makes masks of it counts them then.
        """
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
        return Found(ask, image, tuple(proposals), segmenter.key, answers)

    def count(self, ask: Ask, session: Session) -> Answer:
        """How many instances an ask finds, without a picture of them.

        What the network said is kept in the session: whoever opens the image next has it at once.

        Returns:
            `image_size`, (height, width), and `rows`: the label and the count of each of the
            ask's rows, 0 for those without a prompt.

        Raises:
            PlaygroundError: The image, the prompts or the network.
        """
        found = end_of(self.find(replace(ask, preview=False), session))
        try:
            rows = counts_of(found)
        finally:
            found.count_masks()
        return {"image_size": list(found.image.size), "rows": rows}

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
