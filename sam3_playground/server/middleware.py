"""ASGI middleware for page and API: hosts, paths, headers, and one line for each request."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sam3_playground.server.hosts import TrustedHosts
from sam3_playground.server.marks import request_id
from sam3_playground.server.messages import Headers, header, path_of, refuse, with_defaults

access_log = logging.getLogger("sam3_playground.access")

_SHOWN_CHARACTERS = 200


class CheckHost:
    """Refuses requests under a name that is not the server's, with 421."""

    def __init__(self, app: ASGIApp, hosts: TrustedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not self._hosts.trusts(header(scope, "host")):
            await refuse(
                send,
                421,
                "expected a host name of this server, got another one; "
                "its owner can add it (SAM3_TRUSTED_HOSTS)",
            )
        elif scope["type"] in {"http", "lifespan"}:
            await self._app(scope, receive, send)
        else:  # no WebSocket is served
            await send({"type": "websocket.close", "code": 1008})


class OnlyKnownPaths:
    """Answers 404 for all paths but those that the page and the API need.

    What the page's framework serves besides (files by path, a proxy, the sources of its
    components) is closed before it is reached, whatever its next version adds.

    Args:
        app: What answers.
        is_open: Whether a method and a path below the mount path are served.
    """

    def __init__(self, app: ASGIApp, is_open: Callable[[str, str], bool]) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say that there is nothing."""
        if scope["type"] == "http" and not self._is_open(scope["method"], path_of(scope)):
            await refuse(send, 404, "expected a path of the page or of the API, got another one")
            return
        await self._app(scope, receive, send)


class AddHeaders:
    """Adds headers to every answer that lacks them."""

    def __init__(self, app: ASGIApp, headers: Headers) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = dict(message)
                message["headers"] = with_defaults(message.get("headers", ()), self._headers)
            await send(message)

        await self._app(scope, receive, with_headers)


class HeadAsGet:
    """Answers HEAD as GET would be answered, without the body.

    Not for paths whose answers last as long as the client stays.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and leave the body out where it was not asked for."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class AtRoot:
    """An ASGI app that sees paths as they are below the one that the server is mounted on.

    Proxies strip that path or leave it; mounts within an app only work with one of the two.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await self._app({**scope, "path": path_of(scope), "root_path": ""}, receive, send)


class LogAccess:
    """Notes each answer in one line: who, what, status, bytes, milliseconds, the request's id.

    Without the query: it may hold a key.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, sent, start = "-", 0, time.perf_counter()

        async def counted(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = str(message["status"])
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            client = scope.get("client") or ("-", 0)
            # Quoted: a path may hold line ends and colour codes.
            path = ascii(path_of(scope)[:_SHOWN_CHARACTERS])[1:-1]
            milliseconds = (time.perf_counter() - start) * 1000
            access_log.info(
                "%s %s %s %s %d B %.0f ms %s",
                client[0],
                scope["method"],
                path,
                status,
                sent,
                milliseconds,
                request_id(scope),
            )
