"""The page: the canvas, wired to the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import gradio as gr
from starlette.routing import Route

from sam3_playground.calls import Calls
from sam3_playground.calls.images import CalledImages
from sam3_playground.config import Settings
from sam3_playground.errors import (
    BusyError,
    InvalidInputError,
    OutOfMemoryError,
    PlaygroundError,
    UploadGoneError,
)
from sam3_playground.images.uploads import Uploads
from sam3_playground.pipeline.failures import network_failed
from sam3_playground.pipeline.manager import WeightsManager
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.server.draining import InFlight
from sam3_playground.server.keys import KeyRing
from sam3_playground.server.owner import Owners
from sam3_playground.ui.calls import add_calls, upload_route
from sam3_playground.ui.canvas import create_canvas
from sam3_playground.ui.copying import code_route
from sam3_playground.ui.counts import counts_route
from sam3_playground.ui.examples import Example, read_examples
from sam3_playground.ui.paths import EXAMPLES
from sam3_playground.ui.responder import Preview, Responder
from sam3_playground.ui.routes import FetchImage, page_routes
from sam3_playground.ui.saving import save_route
from sam3_playground.ui.scripts import read_scripts
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from sam3_playground.ui.status import status_of
from sam3_playground.ui.steps import in_threads
from sam3_playground.ui.turns import SupersededError, Turns
from sam3_playground.ui.weights import weights_route

STATUS_SECONDS = 1.0
# Answers that are made at once; what they share, the network, takes turns by itself.
CONCURRENT_ANSWERS = 8
# Asks that Gradio holds, each of at most MAX_ASK_BYTES, before `Turns` sees them.
MAX_QUEUED = 128


@dataclass(frozen=True, eq=False)
class Page:
    """The page, ready to be served.

    Attributes:
        blocks: What Gradio shows.
        routes: The page's own requests.
        uploads: The images that visitors sent; to be closed at the end.
        in_flight: What is being worked on.
        calls: What answers calls by name, for other protocols.
    """

    blocks: gr.Blocks
    routes: tuple[Route, ...]
    uploads: Uploads
    in_flight: InFlight
    calls: Calls

    def events(self) -> dict[int, int]:
        """The number of each event that a browser sends, and how many values belong to it."""
        return {
            number: len(function.inputs)
            for number, function in self.blocks.fns.items()
            if all(event != "unload" for _, event in function.targets)
        }

    def calls_by_name(self) -> set[int]:
        """The numbers of those of them that programs may call."""
        return {
            number
            for number, function in self.blocks.fns.items()
            if function.api_visibility == "public"
        }


def build_page(
    service: SegmenterService,
    settings: Settings,
    *,
    fetch_image: FetchImage | None = None,
    uploads: Uploads | None = None,
    manager: WeightsManager | None = None,
    host: str = "127.0.0.1",
) -> Page:
    """The page, over a service that may still be loading.

    Args:
        service: The segmenter of all visitors.
        settings: Limits on images.
        fetch_image: Gets the file behind a URL that a visitor typed, and refuses addresses
            that are none of a visitor's business; None leaves such URLs unsupported.
        uploads: Where visitors' files go; None makes a folder for them.
        manager: Changes the weights for those whom the settings let; None lets nobody.
        host: The address that the page will be served at.

    Raises:
        InvalidInputError: There is no folder that uploads could go to.
    """
    examples, scripts = read_examples(), read_scripts()
    sessions = Sessions(settings.page_bytes)
    uploads = uploads or Uploads(max_bytes=settings.max_image_bytes)
    responder = Responder(service, settings, uploads.path)
    turns = Turns(at_once=CONCURRENT_ANSWERS, max_waiting=settings.max_waiting)
    in_flight = InFlight()

    async def answer(value: Any, request: gr.Request) -> AsyncIterator[Any]:
        visitor = str(request.session_hash)
        address = request.client.host if request.client else ""
        try:
            with in_flight.counted():
                async with turns.turn(visitor, address):
                    async for update in in_threads(
                        lambda: _updates(responder, sessions, value, visitor)
                    ):
                        yield update
        except SupersededError:
            yield gr.skip()
        except BusyError as error:
            yield _failed(value, error)

    def forget(request: gr.Request) -> None:
        sessions.drop(str(request.session_hash))

    def refresh() -> tuple[Any, Any]:
        status = service.status
        moving = status.state is State.LOADING or status.coming != ""
        return gr.update(status=status_of(status)), gr.Timer(active=moving)

    page = gr.Blocks(
        title="SAM 3 playground",
        analytics_enabled=False,
        fill_width=True,
    )
    with page:
        canvas = create_canvas(
            examples=[_example(example) for example in examples],
            scripts=scripts,
            status=status_of(service.status),
        )
        timer = gr.Timer(STATUS_SECONDS)
        canvas.input(
            answer,
            canvas,
            canvas,
            trigger_mode="always_last",
            show_progress="hidden",
            concurrency_limit=None,  # `Turns` decides who is next
            api_visibility="private",
        ).failure(
            lambda: gr.update(answer={"error": "The playground failed at this; try another."}),
            None,
            canvas,
            show_progress="hidden",
            api_visibility="private",
        )
        gr.on(
            [page.load, timer.tick],
            refresh,
            None,
            [canvas, timer],
            show_progress="hidden",
            api_visibility="private",
        )
        page.unload(forget)
        keys = KeyRing(settings.api_keys)
        calls = Calls(
            service,
            CalledImages(
                fetch_image or _no_urls,
                uploads,
                max_bytes=settings.max_image_bytes,
                max_pixels=settings.max_pixels,
            ),
            # Unlike a page's asks, none of a program's is replaced by its next one.
            lambda address: turns.turn(uuid4().hex, address),
        )
        add_calls(calls, keys, in_flight)
    page.queue(max_size=MAX_QUEUED)
    routes = page_routes(uploads, examples, scripts, fetch_image, max_pixels=settings.max_pixels)
    routes.append(save_route(responder, sessions, uploads, turns))
    routes.append(code_route(lambda: service.status, needs_key=bool(settings.api_keys)))
    routes.append(counts_route(responder, sessions, turns, in_flight))
    routes.append(upload_route(uploads, keys, max_bytes=settings.max_image_bytes))
    if manager is not None:
        owners = Owners(
            settings.manage_weights,
            bound_to=host,
            other_names=bool(settings.trusted_hosts) or settings.share,
        )
        routes.append(weights_route(manager, owners, lambda: service.status))
    return Page(page, tuple(routes), uploads, in_flight, calls)


async def _no_urls(_: str) -> bytes:
    raise InvalidInputError("expected an image file, got a URL: they are switched off here")


def _updates(responder: Responder, sessions: Sessions, value: Any, visitor: str) -> Iterator[Any]:
    """Updates of the canvas: stages, then an answer or what went wrong."""
    serial = _serial(value)
    try:
        for part in responder.respond(read_ask(value), sessions.of(visitor)):
            if isinstance(part, str):
                yield gr.update(stage={"serial": serial, "text": part})
            elif isinstance(part, Preview):
                size = list(part.image_size)
                yield gr.update(preview={"serial": serial, "url": part.url, "image_size": size})
            else:
                yield gr.update(answer=part)
    except PlaygroundError as error:
        yield _failed(value, error)
    except MemoryError:
        yield _failed(value, OutOfMemoryError())
    except RuntimeError as error:
        yield gr.update(answer={"serial": serial, "error": network_failed(error)})


def _failed(value: Any, error: PlaygroundError) -> Any:
    gone = isinstance(error, UploadGoneError)
    return gr.update(answer={"serial": _serial(value), "error": str(error), "gone": gone})


def _serial(value: Any) -> Any:
    return value.get("serial") if isinstance(value, dict) else None


def _example(example: Example) -> dict[str, Any]:
    return {
        "name": example.path.name,
        "title": example.title,
        "kind": example.kind,
        "concepts": list(example.concepts),
        "click": example.click,
        # Below where the page is mounted, wherever that is.
        "thumbnail": f"{EXAMPLES[1:]}/{quote(example.path.name)}/thumbnail",
    }
