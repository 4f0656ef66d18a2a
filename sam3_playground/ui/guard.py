"""What the page sends to Gradio's queue, checked before Gradio reads it.

Gradio takes a dictionary with `meta` in an event's data for a file: it opens its path, or
fetches its URL. The page's own events hold no file, only the id of an upload, so whatever
looks like one is refused here.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from sam3_playground.server.messages import path_of, read_body, refuse, replayed
from sam3_playground.ui.paths import JOIN

# The most that prompts can need: sixteen concepts with all their boxes, all objects refined.
MAX_ASK_BYTES = 2**21
_FILE_MARK = "meta"


class CheckAsks:
    """ASGI middleware: refuses asks that are too long, no JSON, or that hold a file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the ask on, or say what is wrong with it."""
        if scope["type"] != "http" or path_of(scope) != JOIN:
            await self._app(scope, receive, send)
            return
        body = await read_body(receive, MAX_ASK_BYTES)
        if body is None:
            await refuse(send, 413, f"expected an ask of at most {MAX_ASK_BYTES:,} bytes")
            return
        try:
            value = json.loads(body)
            if not isinstance(value, dict):
                raise ValueError("no object")  # noqa: TRY301, TRY004 (one answer for all of them)
            marked = holds_file(value)
        except (ValueError, RecursionError):
            await refuse(send, 422, "expected an ask as a JSON object, got something else")
            return
        if marked:
            await refuse(send, 422, "expected an ask of the page, got one with a file in it")
            return
        await self._app(scope, replayed(body, receive), send)


def holds_file(value: Any) -> bool:
    """Whether nested dictionaries and lists hold what Gradio would take for a file."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if _FILE_MARK in item:
                return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False
