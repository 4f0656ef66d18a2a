"""What every answer tells of its request: by which id it is known, and how long it took."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sam3_playground.server.messages import header, raw

REQUEST_ID_HEADER = "X-Request-ID"
TIME_HEADER = "X-Processing-Time"
MAX_ID_LENGTH = 128

_KEY = "sam3_playground.request_id"
# What no log, header or page reads as anything but letters of an id.
_SANE = re.compile(rf"[A-Za-z0-9._:=+/@-]{{1,{MAX_ID_LENGTH}}}", re.ASCII)


def request_id(scope: Mapping[str, Any]) -> str:
    """The id of a request that `MarkAnswers` has seen; "-" of another one."""
    known: str = scope.get(_KEY, "-")
    return known


class MarkAnswers:
    """ASGI middleware: answers carry `X-Request-ID` and `X-Processing-Time`, errors as well.

    The id is the client's own where that is sane, and made otherwise. The time is in seconds,
    from the request's head to the answer's. Within another of its kind it does nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the marks."""
        if scope["type"] != "http" or _KEY in scope:
            await self._app(scope, receive, send)
            return
        given = header(scope, REQUEST_ID_HEADER) or ""
        known = given if _SANE.fullmatch(given) else uuid4().hex
        start = time.perf_counter()

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = f"{time.perf_counter() - start:.6f}"
                marks = raw({REQUEST_ID_HEADER.lower(): known, TIME_HEADER.lower(): seconds})
                message = {**message, "headers": [*message.get("headers", ()), *marks]}
            await send(message)

        await self._app({**scope, _KEY: known}, receive, marked)
