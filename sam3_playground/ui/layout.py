"""The page: the canvas, wired to the service."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from sam3_playground.config import Settings
from sam3_playground.errors import PlaygroundError
from sam3_playground.model.service import SegmenterService, State
from sam3_playground.ui.ask import read_ask
from sam3_playground.ui.canvas import create_canvas
from sam3_playground.ui.examples import Example, example_named, read_examples
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions

STATUS_SECONDS = 1.0
# Files that visitors uploaded are deleted after an hour; looked for every ten minutes.
FILE_SECONDS = (600, 3600)
# Visitors of whom Gradio keeps the last answer, 10,000 by default; no page asks for it again.
KEPT_ANSWERS = 64
# Answers that are made at once; what they share, the network, takes turns by itself.
CONCURRENT_ANSWERS = 8

FetchImage = Callable[[str], Awaitable[bytes]]

_PAGE_CSS = """
.gradio-container { padding: 0 !important; max-width: none !important; }
.gradio-container > .main, .gradio-container .main .wrap { padding: 0 !important; gap: 0; }
footer { margin: 0.25rem !important; }
"""


def build_page(
    service: SegmenterService,
    settings: Settings,
    *,
    fetch_image: FetchImage | None = None,
) -> gr.Blocks:
    """The page, over a service that may still be loading.

    Args:
        service: The segmenter of all visitors.
        settings: Limits on images.
        fetch_image: Gets the file behind a URL that a visitor typed, and refuses addresses
            that are none of a visitor's business; None leaves such URLs unsupported.
    """
    examples = read_examples()
    sessions = Sessions(settings.page_bytes)
    responder = Responder(service, settings)

    async def open_example(name: str) -> dict[str, Any]:
        return _reply_to(lambda: example_named(examples, name).data_url)

    async def open_url(url: str) -> dict[str, Any]:
        if fetch_image is None:
            return {"error": "Images by URL are switched off here."}
        try:
            data = await fetch_image(url)
        except PlaygroundError as error:
            return {"error": str(error)}
        encoded = base64.b64encode(data).decode()
        return {"data": f"data:application/octet-stream;base64,{encoded}"}

    def answer(value: Any, request: gr.Request) -> Iterator[Any]:
        yield from _updates(responder, sessions, value, str(request.session_hash))

    def forget(request: gr.Request) -> None:
        sessions.drop(str(request.session_hash))

    def refresh() -> tuple[Any, Any]:
        loading = service.status.state is State.LOADING
        return gr.update(status=page_status(service)), gr.Timer(active=loading)

    page = gr.Blocks(
        title="SAM 3 playground",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=FILE_SECONDS,
    )
    with page:
        canvas = create_canvas(
            examples=[_example(example) for example in examples],
            open_example=open_example,
            open_url=open_url,
            status=page_status(service),
        )
        timer = gr.Timer(STATUS_SECONDS)
        canvas.input(
            answer,
            canvas,
            canvas,
            trigger_mode="always_last",
            show_progress="hidden",
            concurrency_limit=CONCURRENT_ANSWERS,
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
    return page


def launch_page(page: gr.Blocks, routes: Sequence[Any], *, host: str, port: int) -> None:
    """Serve the page, and the routes beside it, until the process is stopped."""
    page.launch(
        server_name=host,
        server_port=port,
        ssr_mode=False,
        share=False,
        run_history=False,
        footer_links=[],
        state_session_capacity=KEPT_ANSWERS,
        css=_PAGE_CSS,
        app_kwargs={"routes": list(routes)} if routes else None,
    )


def page_status(service: SegmenterService) -> dict[str, Any]:
    """What runs, or how far loading is, as the canvas shows it."""
    status = service.status
    return {
        "state": status.state.value,
        "message": status.message,
        "note": status.note,
        "bundled": status.bundled,
    }


def _updates(responder: Responder, sessions: Sessions, value: Any, visitor: str) -> Iterator[Any]:
    """Updates of the canvas: stages, then an answer or what went wrong."""
    serial = value.get("serial") if isinstance(value, dict) else None
    try:
        for part in responder.respond(read_ask(value), sessions.of(visitor)):
            if isinstance(part, str):
                yield gr.update(stage={"serial": serial, "text": part})
            else:
                yield gr.update(answer=part)
    except PlaygroundError as error:
        yield gr.update(answer={"serial": serial, "error": str(error)})
    except (MemoryError, RuntimeError) as error:
        # What torch raises for want of memory, on both kinds of device, and for its own faults.
        line = str(error).strip().partition("\n")[0] or "out of memory"
        yield gr.update(answer={"serial": serial, "error": f"The network failed: {line}"})


def _reply_to(get: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"data": get()}
    except PlaygroundError as error:
        return {"error": str(error)}


def _example(example: Example) -> dict[str, Any]:
    return {
        "name": example.path.name,
        "title": example.title,
        "kind": example.kind,
        "concepts": list(example.concepts),
        "click": example.click,
        "thumbnail": example.thumbnail_url,
    }
