"""What was found, as files to take away: a stream that is made image by image.

An image that fails among others is told of in a file of the archive. A fault behind the first
byte ends the connection, and an archive without its end is none to any program.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

import anyio
import anyio.to_thread
from PIL import Image
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sam3_playground.errors import BusyError, PlaygroundError, UploadGoneError
from sam3_playground.formats.archive import PIECE, Archive
from sam3_playground.formats.bundle import Bundle
from sam3_playground.formats.segmented import File, Segmented
from sam3_playground.images.originals import original_file
from sam3_playground.images.uploads import Uploads
from sam3_playground.pipeline.failures import in_words
from sam3_playground.server.messages import read_body
from sam3_playground.server.places import Places
from sam3_playground.ui.answering import answering
from sam3_playground.ui.paths import SAVE
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.sending import Head, Parts, Sending
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.steps import end_of, in_threads
from sam3_playground.ui.turns import Turns
from sam3_playground.ui.wanted import MAX_BYTES, Wanted, WantedImage, read_wanted

# Each holds an image and what is drawn of it.
SAVES_AT_ONCE = 4
# How often an image is told to try again before it counts as failed.
PATIENCE = 6

_MEDIA_TYPES = {".json": "application/json", ".csv": "text/csv", ".txt": "text/plain"}


def save_route(responder: Responder, sessions: Sessions, uploads: Uploads, turns: Turns) -> Route:
    """The route: takes states of the page and formats, gives a file or an archive of files.

    Args:
        responder: Finds what the asks ask for.
        sessions: What is known of images already.
        uploads: Where the images are.
        turns: Who is next at the network.
    """
    places = Places(SAVES_AT_ONCE)
    sources = _Sources(responder, sessions, uploads, turns)

    async def save(request: Request) -> Response:
        body = await read_body(request.receive, MAX_BYTES)
        wanted = await anyio.to_thread.run_sync(read_wanted, body)
        gone = wanted.gone(uploads.path)
        if gone:
            return _gone(wanted, gone)

        async def parts() -> Parts:
            with places, closing(Bundle(wanted.exports, wanted.classes)) as bundle:
                async with (
                    aclosing(_files(wanted, bundle, sources, request)) as files,
                    aclosing(_parts(wanted, bundle, files)) as made,
                ):
                    async for part in made:
                        yield part

        return Sending(parts)

    return Route(SAVE, answering(save), methods=["POST"])


def _gone(wanted: Wanted, places: list[int]) -> Response:
    """The page still has the files: it may send them again, and ask again."""
    names = ", ".join(wanted.images[place].name for place in places[:3])
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    error = f"expected the uploaded images, got none any more of {names}{more}: open them again"
    return JSONResponse({"error": error, "gone": places}, UploadGoneError.http_status)


@dataclass(frozen=True)
class _Sources:
    """Where images and what was found in them come from, as `save_route` has it."""

    responder: Responder
    sessions: Sessions
    uploads: Uploads
    turns: Turns

    async def segmented(self, image: WantedImage, request: Request) -> Segmented:
        """An image with its result, once it is its turn.

        Raises:
            PlaygroundError: The image, its prompts or the network.
            ClientDisconnect: Nobody listens any more.
        """
        address = request.client.host if request.client else ""
        # No visitor of the page has a space in the name.
        name = f"save {secrets.token_urlsafe(12)}"
        patience = PATIENCE
        while True:
            try:
                async with self.turns.turn(name, address):
                    if await request.is_disconnected():
                        raise ClientDisconnect
                    return await anyio.to_thread.run_sync(self._find, image, name)
            except BusyError as error:  # noqa: PERF203 (a wait is longer than that)
                patience -= 1
                if not patience:
                    raise
                await anyio.sleep(error.retry_seconds or 1)

    def _find(self, image: WantedImage, name: str) -> Segmented:
        # By what is in an image everybody finds what is kept of it; nothing stays held for this.
        session = self.sessions.of(name)
        try:
            with in_words():
                found = end_of(self.responder.find(replace(image.ask, preview=False), session))
                try:
                    result = found.shown()
                finally:
                    found.count_masks()
        finally:
            self.sessions.drop(name)
        pixels = found.image
        return Segmented(
            image.place,
            image.name,
            result,
            load_image=lambda: pixels,
            load_original=partial(self._original, image),
            # Letters are larger on a small screen, which a file is not seen on alone.
            style=replace(image.ask.style, label_scale=1.0),
            slots={row.id: row.slot for row in image.ask.rows},
        )

    def _original(self, image: WantedImage) -> bytes | None:
        try:
            return original_file(self.uploads.path(image.upload), image.name)
        except PlaygroundError:  # gone meanwhile: there are still its pixels
            return None


async def _files(
    wanted: Wanted, bundle: Bundle, sources: _Sources, request: Request
) -> AsyncGenerator[File, None]:
    """The files of all images, one image after the other."""
    taken = 0
    for image in wanted.images:
        try:
            entry = await sources.segmented(image, request)
        except PlaygroundError as error:
            bundle.failed(image.name, error)
            continue
        taken += 1
        async with aclosing(in_threads(partial(bundle.of_image, entry))) as files:
            del entry  # its pixels go before the next image's come
            async for file in files:
                yield file
    if taken:
        async with aclosing(in_threads(bundle.of_all)) as files:
            async for file in files:
                yield file


async def _parts(wanted: Wanted, bundle: Bundle, files: AsyncGenerator[File, None]) -> Parts:
    """One file as it is, several as an archive.

    Raises:
        PlaygroundError: There is nothing to save.
    """
    most = 2 if len(wanted.images) == len(wanted.exports) == 1 else 1
    ahead = [file async for file in _first(files, most)]
    if not ahead:
        raise bundle.why_nothing()
    if len(ahead) < most and not bundle.failures:
        content = await anyio.to_thread.run_sync(b"".join, ahead[0].chunks)
        yield _head_of(ahead[0], wanted.images[0], len(content))
        for start in range(0, len(content), PIECE):
            yield content[start : start + PIECE]
        return
    archive = Archive()
    yield Head(_archive_name(wanted), "application/zip")
    async for file in _after(ahead, files, bundle):
        async with aclosing(in_threads(partial(archive.add, file))) as pieces:
            async for piece in pieces:
                yield piece
    for piece in archive.end():
        yield piece


async def _first(files: AsyncGenerator[File, None], most: int) -> AsyncIterator[File]:
    while most > 0 and (file := await anext(files, None)) is not None:
        most -= 1
        yield file


async def _after(
    ahead: Sequence[File], files: AsyncGenerator[File, None], bundle: Bundle
) -> AsyncIterator[File]:
    for file in ahead:
        yield file
    async for file in files:
        yield file
    for file in bundle.report():
        yield file


def _head_of(file: File, image: WantedImage, byte_count: int) -> Head:
    """A single file is called by its image and its format: `photo-coco.json`."""
    folder, suffix = PurePosixPath(file.name).parts[0], PurePosixPath(file.name).suffix
    kind = "" if suffix == f".{folder}" else f"-{folder}"
    media_type = _MEDIA_TYPES.get(suffix) or Image.MIME.get(
        Image.registered_extensions().get(suffix, ""), "application/octet-stream"
    )
    return Head(f"{image.place}{kind}{suffix}", media_type, byte_count)


def _archive_name(wanted: Wanted) -> str:
    name = wanted.images[0].place if len(wanted.images) == 1 else "sam3-playground"
    return f"{name}.zip"
