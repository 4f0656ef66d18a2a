"""The endpoints that tell of the server itself, for people, load balancers and monitors."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from sam3_playground import __version__
from sam3_playground.api.answers import (
    ErrorResponse,
    Health,
    ModelDescription,
    ModelsDescriptions,
    Readiness,
    ResolvedModel,
    ServerInfo,
)
from sam3_playground.api.context import TheServer, documented_key
from sam3_playground.api.gate import GatedRoute
from sam3_playground.api.model_ids import FAMILY, INTERACTIVE_MODEL_ID, MODEL_ID
from sam3_playground.api.responses import RESPONSES
from sam3_playground.pipeline.service import State

NAME = "SAM 3 playground"
# One network does the work of the hosted API's two models.
MODELS = {
    MODEL_ID: ([FAMILY], ["/sam3/concept_segment"]),
    INTERACTIVE_MODEL_ID: ([], ["/sam3/embed_image", "/sam3/visual_segment"]),
}

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


@public.get(
    "/readiness",
    summary="Whether requests can be answered",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Still loading, or loading failed"}},
)
async def readiness(server: TheServer, response: Response) -> Readiness:
    """What `/healthz` says, in the hosted API's words."""
    if server.service.status.state is State.READY:
        return Readiness(status="ready")
    response.status_code = 503
    return Readiness(status="not ready")


@public.get("/info", summary="Who answers", response_model=ServerInfo)
async def info(server: TheServer) -> ServerInfo:
    """Name and version of the server, and an id of this process."""
    return ServerInfo(name=NAME, version=__version__, uuid=server.uuid)


@gated.get(
    "/model/registry",
    summary="What is loaded",
    response_model=ModelsDescriptions,
    responses={401: RESPONSES[401]},
)
async def registry(server: TheServer) -> ModelsDescriptions:
    """The models that requests may name, once the weights behind them are loaded."""
    status = server.service.status
    if status.state is not State.READY:
        return ModelsDescriptions(models=[])
    weights = ResolvedModel(model_id=status.weights)
    return ModelsDescriptions(
        models=[
            ModelDescription(
                model_id=name, request_aliases=aliases, request_paths=paths, resolved_model=weights
            )
            for name, (aliases, paths) in MODELS.items()
        ]
    )


@gated.post(
    "/sam3_3d/infer",
    summary="SAM3 3D: not served",
    status_code=501,
    response_class=JSONResponse,
    responses={
        501: {"model": ErrorResponse, "description": "This server makes masks, no meshes"},
        **{status: RESPONSES[status] for status in (401, 413, 503)},
    },
)
async def sam3_3d_infer() -> Response:
    """The hosted API makes meshes of objects here, with another model than SAM 3."""
    detail = (
        "expected a request for masks, got one for meshes: SAM 3D is another model, which this "
        "server does not run"
    )
    return JSONResponse({"detail": detail}, 501)


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
