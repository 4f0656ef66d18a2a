"""What the page sends to Gradio's queue, checked before Gradio reads it.

Gradio takes a dictionary with `meta` in an event's data for a file: it opens its path, or
fetches its URL. The page's own events hold no file, only the id of an upload, so whatever
looks like one is refused here; of a file in a call by name only its path is handed on, a text,
which is an upload's id or a URL for this project's own fetching. What belongs to no event is
refused, or left out, before it is looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from sam3_playground.errors import InvalidInputError
from sam3_playground.server.messages import path_of, read_body, refuse, replayed
from sam3_playground.ui.paths import JOIN

# The most that prompts can need: sixteen concepts with all their boxes, all objects refined.
MAX_ASK_BYTES = 2**21
_FILE_MARK = "meta"
_VISITOR = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

# The number of each event that a browser may send, and how many values belong to it.
Events = Mapping[int, int]
# The numbers of those that programs may call by name.
Calls = Collection[int]


class CheckAsks:
    """ASGI middleware: refuses asks that are too long, of no event, or that hold a file.

    Args:
        app: What answers.
        events: Tells the page's events; asked anew for each request.
        calls: Tells which of them are calls by name.
    """

    def __init__(
        self, app: ASGIApp, events: Callable[[], Events], calls: Callable[[], Calls] = tuple
    ) -> None:
        self._app = app
        self._events = events
        self._calls = calls

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
            ask = checked_ask(body, self._events(), self._calls())
        except InvalidInputError as error:
            await refuse(send, error.http_status, str(error))
            return
        headers = [pair for pair in scope["headers"] if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(ask)).encode()))
        await self._app({**scope, "headers": headers}, replayed(ask, receive), send)


def checked_ask(body: bytes, events: Events, calls: Calls = ()) -> bytes:
    """What of a request's body goes to Gradio's queue, as JSON.

    Raises:
        InvalidInputError: It is no event of the page, or holds a file.
    """
    try:
        return json.dumps(_checked(json.loads(body), events, calls)).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("expected an ask as a JSON object, got something else") from error


def _checked(value: Any, events: Events, calls: Calls) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 (one answer for all that is no ask)
    event, data, visitor = (value.get(key) for key in ("fn_index", "data", "session_hash"))
    if type(event) is not int or event not in events:
        raise InvalidInputError("expected an event of the page, got another one: load it again")
    if not isinstance(data, list) or len(data) != events[event]:
        raise InvalidInputError(f"expected {events[event]} values for this event, got others")
    if not isinstance(visitor, str) or not _VISITOR.fullmatch(visitor):
        raise InvalidInputError("expected who asks as up to 64 letters and digits, got another one")
    if event in calls:
        data = list(map(_place_of_file, data))
    if holds_file(data):
        raise InvalidInputError("expected an ask of the page, got one with a file in it")
    trigger = value.get("trigger_id")
    return {
        "fn_index": event,
        "data": data,
        "session_hash": visitor,
        "trigger_id": trigger if type(trigger) is int else None,
        "event_data": None,
    }


def _place_of_file(value: Any) -> Any:
    """Of a client's file only where it is, which is nothing that Gradio would open."""
    if isinstance(value, dict) and _FILE_MARK in value and isinstance(value.get("path"), str):
        return value["path"]
    return value


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
