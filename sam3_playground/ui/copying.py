"""The page's present request as code to copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import anyio.to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sam3_playground.errors import InvalidInputError
from sam3_playground.formats.code import LANGUAGES, code_for
from sam3_playground.images.urls import web_url
from sam3_playground.pipeline.service import ServiceStatus
from sam3_playground.server.messages import read_body
from sam3_playground.ui.answering import answering
from sam3_playground.ui.guard import MAX_ASK_BYTES
from sam3_playground.ui.paths import CODE
from sam3_playground.ui.state import read_ask

MAX_NAME_LENGTH = 2048


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    ask: Any
    name: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    server_url: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]


def code_route(status: Callable[[], ServiceStatus], *, needs_key: bool) -> Route:
    """The route: takes the page's state, gives its request in all languages.

    Args:
        status: What runs.
        needs_key: Whether the REST API wants a key.
    """

    async def code(request: Request) -> Response:
        body = await read_body(request.receive, MAX_ASK_BYTES)
        return JSONResponse(await anyio.to_thread.run_sync(written, body))

    def written(body: bytes | None) -> dict[str, Any]:
        wish = _wish_in(body)
        asked = read_ask(wish.ask).open_request
        if asked is None:
            raise InvalidInputError("expected words, a box or a click, got none: ask for something")
        name, server = _source(wish.name), _server(wish.server_url)
        weights = _named(status())
        return {
            "languages": [
                {
                    "name": language,
                    "title": entry.title,
                    "text": code_for(
                        language, asked, name, server, weights=weights, needs_key=needs_key
                    ),
                }
                for language, entry in LANGUAGES.items()
            ]
        }

    return Route(CODE, answering(code), methods=["POST"])


def _wish_in(body: bytes | None) -> _Wish:
    try:
        return _Wish.model_validate(json.loads(body or b""))
    except (ValidationError, ValueError, RecursionError) as error:
        raise InvalidInputError(
            f'expected {{"ask", "name", "server_url"}} in at most {MAX_ASK_BYTES:,} bytes, '
            "got something else"
        ) from error


def _source(name: str) -> str:
    """An image's file or URL, as it can stand in a text."""
    if name.lower().startswith(("http://", "https://")):
        return str(web_url(name))
    if not name or "\0" in name or name != name.encode("utf-8", "replace").decode():
        raise InvalidInputError(
            "expected the name of the image's file, got none that a file can have"
        )
    return name


def _server(url: str) -> str:
    """Where the browser sees the server."""
    seen = web_url(url)
    if seen.query:
        raise InvalidInputError("expected the server's address, got one with a query")
    return str(seen).rstrip("/")


def _named(status: ServiceStatus) -> str | None:
    """The weights as `--weights` takes them elsewhere too; None where it takes a file for that."""
    anywhere = status.bundled or "/" in status.weights
    return status.weights if anywhere else None
