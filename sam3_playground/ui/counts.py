"""How many instances an ask finds in an image that is not on the screen."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sam3_playground.errors import InvalidInputError
from sam3_playground.pipeline.failures import network_failed
from sam3_playground.server.draining import InFlight
from sam3_playground.server.messages import read_body
from sam3_playground.ui.answering import answering
from sam3_playground.ui.guard import MAX_ASK_BYTES
from sam3_playground.ui.paths import COUNTS
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from sam3_playground.ui.turns import Turns


def counts_route(
    responder: Responder, sessions: Sessions, turns: Turns, in_flight: InFlight
) -> Route:
    """The route: takes the page's state about one image, waits for its turn, gives counts.

    Args:
        responder: Answers asks.
        sessions: Where what the network says is kept; those who ask from one address share one
            here, which holds no more than any visitor.
        turns: Who is next, together with those who ask for pictures.
        in_flight: What is being worked on.
    """

    async def count(request: Request) -> Response:
        body = await read_body(request.receive, MAX_ASK_BYTES)
        if body is None:
            return JSONResponse({"error": f"expected at most {MAX_ASK_BYTES:,} bytes"}, 413)
        ask = read_ask(_json(body))
        address = request.client.host if request.client else ""
        # No visitor of the page has a space in the name.
        session = sessions.of(f"counts {address}")
        in_flight.begin()
        try:
            # A name of its own: one ask of several images does not stand in another's place.
            async with turns.turn(f"counts {uuid4()}", address):
                found = await anyio.to_thread.run_sync(responder.count, ask, session)
        except RuntimeError as error:
            return JSONResponse({"error": network_failed(error)}, 500)
        finally:
            in_flight.end()
        return JSONResponse(found)

    return Route(COUNTS, answering(count), methods=["POST"])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("expected an ask as a JSON object, got something else") from error
