"""Requests in flight, and an orderly end: what was begun is finished, nothing new begins."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from sam3_playground.errors import BusyError
from sam3_playground.server.messages import path_of, refuse

# How long an ask counts before its answer is fetched, which is another request.
HELD_SECONDS = 1.0


class InFlight:
    """Counts what is being worked on. Safe between threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._ending = False

    def begin(self, *, begun_before: bool = False) -> None:
        """Count one more.

        Args:
            begun_before: It belongs to what is in flight already, so it is let in to the end.

        Raises:
            BusyError: The server is ending; nothing is counted.
        """
        with self._changed:
            if self._ending and not begun_before:
                raise BusyError("the server is ending: try again in a moment")
            self._count += 1

    def end(self) -> None:
        """One is done."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what a request that was let in asked for, for the length of a block."""
        self.begin(begun_before=True)
        try:
            yield
        finally:
            self.end()

    def drain(self, seconds: float) -> bool:
        """Let nothing in any more, and wait for what is inside.

        Returns:
            Whether all of it was done in time.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            self._ending = True
            return self._changed.wait_for(
                lambda: self._count == 0, max(0.0, deadline - time.monotonic())
            )


class CountInFlight:
    """ASGI middleware: counts requests, and turns new ones away once the server is ending.

    Args:
        app: What answers.
        in_flight: The count.
        is_endless: Whether a path's answer lasts as long as the visitor stays; such a one is
            not waited for.
        asks: Whether what is asked for there is brought by another answer; it counts until
            that one can be there.
        brings_answers: Whether a path's answer brings what was asked for before; such a one
            is let in to the end, and waited for.
    """

    def __init__(
        self,
        app: ASGIApp,
        in_flight: InFlight,
        is_endless: Callable[[str], bool],
        asks: Callable[[str], bool],
        brings_answers: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._in_flight = in_flight
        self._is_endless = is_endless
        self._asks = asks
        self._brings_answers = brings_answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer and count, or turn away."""
        path = path_of(scope) if scope["type"] == "http" else ""
        if scope["type"] != "http" or self._is_endless(path):
            await self._app(scope, receive, send)
            return
        try:
            self._in_flight.begin(begun_before=self._brings_answers(path))
        except BusyError as error:
            retry = {"retry-after": str(error.retry_seconds)}
            await refuse(send, error.http_status, str(error), retry)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            if self._asks(path):
                asyncio.get_running_loop().call_later(HELD_SECONDS, self._in_flight.end)
            else:
                self._in_flight.end()
