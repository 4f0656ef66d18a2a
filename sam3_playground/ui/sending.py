"""Files that go to a browser while they are made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from urllib.parse import quote

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sam3_playground.errors import PlaygroundError
from sam3_playground.server.messages import raw
from sam3_playground.ui.answering import refusal

# Who takes nothing for so long holds up others.
STALL_SECONDS = 60.0


@dataclass(frozen=True)
class Head:
    """What is said of a file before its bytes.

    Attributes:
        name: What to save it as.
        media_type: What it is.
        byte_count: How long it is; None where that is not known yet.
    """

    name: str
    media_type: str
    byte_count: int | None = None


Parts = AsyncGenerator[Head | bytes, None]


class Sending(Response):
    """An answer that is made while it goes out: a head, then bytes.

    What fails before the head is a refusal in words. What fails behind it ends the connection
    in the middle of the answer, so that a browser takes nothing for whole.

    Args:
        make: Begins to make it.
    """

    def __init__(self, make: Callable[[], Parts]) -> None:
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; nobody is told of a fault where whoever asked has gone."""
        with suppress(ClientDisconnect):
            await self._send_all(scope, receive, send)

    async def _send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._make()) as parts:
            try:
                head = await anext(parts)
            except PlaygroundError as error:
                await refusal(error)(scope, receive, send)
                return
            if not isinstance(head, Head):
                raise TypeError("expected a head first, got bytes")
            await send({"type": "http.response.start", "status": 200, "headers": _lines(head)})
            async for piece in parts:
                with anyio.fail_after(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


def _lines(head: Head) -> list[tuple[bytes, bytes]]:
    """The head's headers; its name in a form that holds every script."""
    lines = {
        "content-type": head.media_type,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(head.name, safe='')}",
        "cache-control": "no-store",
    }
    if head.byte_count is not None:
        lines["content-length"] = str(head.byte_count)
    return raw(lines)
