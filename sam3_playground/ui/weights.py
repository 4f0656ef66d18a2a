"""The page's panel of weights: what runs, what else is here, and how to get more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import anyio.to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sam3_playground.errors import InvalidInputError
from sam3_playground.pipeline.manager import Fetch, WeightsManager
from sam3_playground.pipeline.service import ServiceStatus
from sam3_playground.server.messages import read_body
from sam3_playground.server.owner import Owners, is_from_the_page
from sam3_playground.ui.answering import answering
from sam3_playground.ui.paths import WEIGHTS
from sam3_playground.ui.status import status_of
from sam3_playground.weights.getting import Progress
from sam3_playground.weights.here import Found
from sam3_playground.weights.licence import is_accepted, licence_text

_MAX_BODY = 2**13
_Line = Annotated[str, Field(max_length=2000)]


class _Wish(BaseModel):
    """What the panel asks for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    do: Literal["look", "run", "get", "cancel"]
    source: _Line = ""
    click_source: _Line = ""
    token: _Line = Field(default="", repr=False)
    licence_accepted: bool = False


def weights_route(
    manager: WeightsManager, owners: Owners, status: Callable[[], ServiceStatus]
) -> Route:
    """The one request of the panel, for owners alone.

    Args:
        manager: Does what is asked.
        owners: Who may ask.
        status: What runs.
    """

    async def weights(request: Request) -> Response:
        if not (owners.may(request) and is_from_the_page(request.headers)):
            return JSONResponse(
                {"error": "expected the owner at the server's own machine, got somebody else"}, 403
            )
        wish = _wish_in(await read_body(request.receive, _MAX_BODY))
        return JSONResponse(await anyio.to_thread.run_sync(_done, manager, wish, status))

    return Route(WEIGHTS, answering(weights), methods=["POST"])


def _done(
    manager: WeightsManager, wish: _Wish, status: Callable[[], ServiceStatus]
) -> dict[str, Any]:
    if wish.do == "run":
        manager.run(wish.source, wish.click_source or None)
    elif wish.do == "get":
        manager.get(
            wish.source.strip() or None,
            token=wish.token.strip() or None,
            licence_accepted=wish.licence_accepted,
        )
    elif wish.do == "cancel":
        manager.cancel()
    now = status()
    return {
        "here": [_entry(manager, found) for found in manager.here()],
        "coming": now.coming,
        "refused": now.refused,
        "fetch": _fetch(manager.fetch),
        "licence": None if is_accepted() else licence_text(),
        "status": status_of(now),
    }


def _entry(manager: WeightsManager, found: Found) -> dict[str, Any]:
    return {
        "source": found.source,
        "name": found.name,
        "bytes": found.byte_count,
        "published": found.published,
        "bundled": found.bundled,
        "runs": manager.runs(found),
        "fault": found.fault,
    }


def _fetch(fetch: Fetch) -> dict[str, Any]:
    return {
        "source": fetch.source,
        "going_on": fetch.going_on,
        "progress": None if fetch.progress is None else _progress(fetch.progress),
        "error": fetch.error,
        "wants_licence": fetch.wants_licence,
    }


def _progress(progress: Progress) -> dict[str, Any]:
    return {
        "done": progress.done,
        "total": progress.total,
        "bytes_per_second": progress.bytes_per_second,
        "seconds_left": progress.seconds_left,
    }


def _wish_in(body: bytes | None) -> _Wish:
    try:
        return _Wish.model_validate(json.loads(body or b""))
    except (ValidationError, ValueError, RecursionError) as error:
        # What came may hold a token: it is not repeated.
        raise InvalidInputError(
            'expected {"do": "look", "run", "get" or "cancel"} and its fields, got something else'
        ) from error
