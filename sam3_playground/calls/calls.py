"""The calls themselves: an image and arguments give what a protocol makes of the result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio.to_thread

from sam3_playground.calls.arguments import ConceptArguments, ImageArguments, ObjectArguments
from sam3_playground.calls.images import CalledImages
from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import Timings
from sam3_playground.errors import CheckpointError, PlaygroundError, WeightsUnavailableError
from sam3_playground.pipeline.answer import answer
from sam3_playground.pipeline.failures import in_words
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.server.validation import printable

# Holds the place of a call from an address in the queue of all who ask.
Turn = Callable[[str], AbstractAsyncContextManager[None]]
Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Segmented:
    """What was found in an image."""

    image: RgbImage
    result: Result


@dataclass(frozen=True, eq=False)
class Embedded:
    """An image that is encoded.

    Attributes:
        image: The image.
        timings: What it took: nothing, if it was encoded before.
        weights: The name of the weights that encoded it.
    """

    image: RgbImage
    timings: Timings
    weights: str


class Calls:
    """Calls over the service of all doors, in the queue of all who ask. For one event loop.

    Args:
        service: The segmenter, ready or still loading.
        images: From what calls say of their images to pixels.
        turn: Waits for a turn; raises BusyError where too many do.
    """

    def __init__(self, service: SegmenterService, images: CalledImages, turn: Turn) -> None:
        self._service = service
        self._images = images
        self._turn = turn

    async def segment(
        self,
        arguments: ConceptArguments | ObjectArguments,
        address: str,
        make: Callable[[Segmented], Made],
    ) -> Made:
        """What is made of the answer to a request, in the thread that answers it.

        Raises:
            PlaygroundError: The image, the request or the network, in a user's words.
        """
        request = arguments.request  # before anything is fetched for it

        def work(image: RgbImage) -> Made:
            return make(Segmented(image, answer(self._service.current, image, request)))

        return await self._worked(arguments, address, work)

    async def embed(
        self, arguments: ImageArguments, address: str, make: Callable[[Embedded], Made]
    ) -> Made:
        """The same of an image that is encoded ahead, so that calls about it are quick.

        Raises:
            PlaygroundError: As `segment` has it.
        """

        def work(image: RgbImage) -> Made:
            segmenter = self._service.current
            return make(Embedded(image, segmenter.embed(image), segmenter.weights.name))

        return await self._worked(arguments, address, work)

    async def _worked(
        self, arguments: ImageArguments, address: str, work: Callable[[RgbImage], Made]
    ) -> Made:
        decode = await self._images.load(arguments.image)

        def decoded() -> Made:
            with in_words():
                return work(decode())

        async with self._turn(address):
            return await anyio.to_thread.run_sync(decoded)


def said_of(error: PlaygroundError) -> str:
    """What a caller is told of an error."""
    if isinstance(error, CheckpointError | WeightsUnavailableError):
        # Its message may name files: that is for the server's owner.
        return "the server has no weights that it could answer with"
    return printable(str(error))


def embedded_document(embedded: Embedded) -> dict[str, Any]:
    """What an encoded image is, in the words of `formats.roboflow.document`."""
    height, width = embedded.image.size
    return {
        "width": width,
        "height": height,
        "weights": embedded.weights,
        "time": round(embedded.timings.seconds, 4),
    }
