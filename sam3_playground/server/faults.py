"""The last boundary of the server: a fault that nobody thought of is a sentence for who asked.

Whatever is raised below, by this project or by what it stands on, is answered as JSON with
status 500, and noted in the log with the place where it happened; no trace goes out, and the
server goes on.
"""

from __future__ import annotations

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sam3_playground.server.marks import request_id
from sam3_playground.server.messages import path_of, refuse

_log = logging.getLogger(__name__)

DETAIL = "the server failed at this request"


def note_fault(path: str, fault: Exception, request: str) -> None:
    """One line about a fault in the log: what and where, for its own words may hold a key.

    Args:
        path: Where it was asked for.
        fault: What was raised.
        request: The request's id.
    """
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "nowhere"
    what = type(fault).__name__
    _log.error("%s failed: %s in %s (request %s)", ascii(path)[1:-1], what, place, request)


class AnswerFaults:
    """ASGI middleware: answers what nobody caught with 500 and a sentence."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer it where that fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as fault:  # noqa: BLE001 (the boundary that the head of this file tells of)
            note_fault(path_of(scope), fault, request_id(scope))
            if not begun:  # half an answer cannot be mended: the server ends the connection
                await refuse(send, 500, DETAIL)
