"""Small helpers over ASGI's messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from starlette.types import Receive, Scope, Send

Headers = Mapping[str, str]


def header(scope: Scope, name: str) -> str | None:
    """A request header's value as latin-1 text; None if it is missing or comes twice."""
    wanted = name.lower().encode("latin-1")
    values: list[bytes] = [value for key, value in scope["headers"] if key.lower() == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else None


def path_of(scope: Scope) -> str:
    """The path below the one that the server is mounted on."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path


async def refuse(send: Send, status: int, detail: str, headers: Headers | None = None) -> None:
    """Answer with a sentence, in the API's form for errors, and close the connection."""
    body = json.dumps({"detail": detail}).encode()
    lines = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **(headers or {}),
    }
    await send({"type": "http.response.start", "status": status, "headers": raw(lines)})
    await send({"type": "http.response.body", "body": body})


def raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI sends them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def read_body(receive: Receive, max_bytes: int) -> bytes | None:
    """A request's whole body; None if it is longer, or if the client has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > max_bytes:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, and then what comes after it."""
    waiting = True

    async def again() -> dict[str, object]:
        nonlocal waiting
        if waiting:
            waiting = False
            return {"type": "http.request", "body": body, "more_body": False}
        message: dict[str, object] = dict(await receive())
        return message

    return again


def with_defaults(
    headers: Iterable[tuple[bytes, bytes]], defaults: Headers
) -> list[tuple[bytes, bytes]]:
    """Headers, and those of the defaults that are not among them."""
    present = list(headers)
    names = {name.lower() for name, _ in present}
    return present + [(name, value) for name, value in raw(defaults) if name not in names]
