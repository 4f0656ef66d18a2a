"""The endpoints that tell of the server itself, for people, load balancers and monitors."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from sam3_playground.api.answers import Health
from sam3_playground.api.context import TheServer, documented_key
from sam3_playground.api.gate import GatedRoute
from sam3_playground.api.responses import RESPONSES
from sam3_playground.model.service import State

public = APIRouter()
gated = APIRouter(route_class=GatedRoute, dependencies=[Depends(documented_key)])


@public.get(
    "/healthz",
    summary="Whether the weights are loaded",
    response_model=Health,
    responses={503: {"model": Health, "description": "Still loading, or loading failed"}},
)
async def healthz(server: TheServer, response: Response) -> Health:
    """200 once requests can be answered, 503 until then."""
    status = server.service.status
    if status.state is not State.READY:
        response.status_code = 503
    return Health(
        status=status.state.value,
        weights=status.weights or None,
        fallback=status.fallback,
        message=" ".join(filter(None, [f"{status.message}.", status.note])),
    )


@gated.get(
    "/metrics",
    summary="Numbers for operators",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}},
        401: RESPONSES[401],
    },
)
async def metrics(server: TheServer) -> Response:
    """Counts, times and memory in Prometheus' text form."""
    return Response(server.metrics.text(), media_type="text/plain; version=0.0.4")
