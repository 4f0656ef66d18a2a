"""The way in: who asks, how much they send, how many wait, and whether they still do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sam3_playground.api.errors import BodyTooLargeError, InvalidFieldError
from sam3_playground.api.metrics import HUNG_UP
from sam3_playground.errors import BusyError, UnauthorizedError
from sam3_playground.server.keys import KeyRing, key_of

# An upload that takes longer holds up the others.
BODY_SECONDS = 60.0
# Requests that work at once: one on the network, the others decode images and trace masks.
WORKERS = 4
# Small bodies are parsed faster than a thread is woken.
_PARSED_AT_ONCE = 2**16

Result = TypeVar("Result")
Handle = Callable[[Request], Awaitable[Response]]


class Gate:
    """Admits requests and runs their work in a bounded number of threads.

    Args:
        keys: Who may enter.
        max_waiting: Requests that are held at once, from their body on; more are sent away.
        max_body_bytes: The longest body.
    """

    def __init__(self, keys: KeyRing, *, max_waiting: int, max_body_bytes: int) -> None:
        self._keys = keys
        self._max_waiting = max_waiting
        self._max_body_bytes = max_body_bytes
        # Whoever shows no key before the body may not fill the house with bodies.
        self._max_strangers = max(1, max_waiting // 4)
        self._held = 0
        self._strangers = 0
        self._workers = anyio.CapacityLimiter(WORKERS)

    @property
    def held(self) -> int:
        """Requests that are being read, wait or are worked on."""
        return self._held

    async def work(self, task: Callable[[], Result]) -> Result:
        """A blocking task, done in a thread of its own once one is free.

        Cancelled while it waits, it never starts; cancelled later, its place stays taken
        until the thread is done.
        """
        return await anyio.to_thread.run_sync(task, limiter=self._workers)

    async def admit(self, request: Request, handle: Handle) -> Response:
        """Answer a request that may enter.

        Raises:
            UnauthorizedError: No key, or an unknown one.
            BusyError: Too many requests are held.
            BodyTooLargeError: A body above the limit.
            InvalidFieldError: A body that is not JSON.
        """
        key = key_of(request)
        if key is not None or self._keys.is_open or request.method != "POST":
            caller = self._keys.caller(key)
            if request.method != "POST":
                return await handle(request)
            with self._place():
                limited = _LimitedRequest(request, self._max_body_bytes)
                await limited.read()
                return await self._answered(limited, caller, handle)
        with self._place():
            limited = _LimitedRequest(request, self._max_body_bytes)
            with self._strangers_place():
                caller = self._keys.caller(_key_in(await limited.read()))
            return await self._answered(limited, caller, handle)

    async def _answered(self, request: _LimitedRequest, caller: str, handle: Handle) -> Response:
        request.state.caller = caller
        return await unless_hung_up(request, handle)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._held >= self._max_waiting:
            raise BusyError(
                f"expected fewer than {self._max_waiting} requests at once: try again in a moment"
            )
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    @contextmanager
    def _strangers_place(self) -> Iterator[None]:
        if self._strangers >= self._max_strangers:
            raise UnauthorizedError(
                "expected an API key in the query or in the Authorization header: "
                "too many requests at once have theirs in the body"
            )
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1


def go_on() -> None:
    """Give the work up where nobody waits for it any more: for the steps of a worker."""
    anyio.from_thread.check_cancelled()


def _key_in(body: Any) -> str | None:
    key = body.get("api_key") if isinstance(body, dict) else None
    return key if isinstance(key, str) else None


async def unless_hung_up(request: Request, handle: Handle) -> Response:
    """The answer, or as soon as the client is gone an empty one that nobody reads."""
    with anyio.CancelScope() as scope:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            scope.cancel()

        watcher = asyncio.create_task(watch())
        try:
            return await handle(request)
        finally:
            watcher.cancel()
    return Response(status_code=HUNG_UP)


class _LimitedRequest(Request):
    """A request whose body is bounded in size and time, and parsed once, off the loop."""

    def __init__(self, request: Request, max_bytes: int) -> None:
        super().__init__(request.scope, request.receive)
        self._max_bytes = max_bytes
        self._content: bytes | None = None
        self._parsed: Any = None

    async def read(self) -> Any:
        """Read the body, and parse it if it calls itself JSON; None if not."""
        try:
            with anyio.fail_after(BODY_SECONDS):
                await self.body()
        except TimeoutError as error:
            raise InvalidFieldError(
                ("body",), f"expected a body within {BODY_SECONDS:g} seconds, got a slower one"
            ) from error
        if "json" not in self.headers.get("content-type", "").lower():
            return None
        return await self.json()

    async def body(self) -> bytes:
        """The whole body."""
        if self._content is None:
            length = self.headers.get("content-length", "")
            content = bytearray()
            if length.isdigit() and int(length) > self._max_bytes:
                raise self._too_large()
            async for chunk in self.stream():
                content += chunk
                if len(content) > self._max_bytes:
                    raise self._too_large()
            self._content = bytes(content)
        return self._content

    async def json(self) -> Any:
        """The body's value."""
        if self._parsed is None:
            body = await self.body()
            if len(body) <= _PARSED_AT_ONCE:
                self._parsed = _parsed(body)
            else:
                self._parsed = await anyio.to_thread.run_sync(_parsed, body)
        return self._parsed

    def _too_large(self) -> BodyTooLargeError:
        return BodyTooLargeError(f"expected a body of at most {self._max_bytes:,} bytes")


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    # Not JSON, not UTF-8, a number of thousands of digits, brackets in brackets in brackets.
    except (ValueError, RecursionError) as error:
        raise InvalidFieldError(("body",), "expected JSON, got something else") from error


class GatedRoute(APIRoute):
    """A route behind the gate of the app that it belongs to (`app.state.gate`)."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler, called only for requests that may enter."""
        handle = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            try:
                return await gate.admit(request, handle)
            except ClientDisconnect:
                return Response(status_code=HUNG_UP)

        return admitted
