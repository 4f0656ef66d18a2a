"""The endpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.security import HTTPBearer

from sam3_playground.api.answers import (
    Health,
    Sam2SegmentationResponse,
    Sam3EmbeddingResponse,
    Sam3SegmentationResponse,
)
from sam3_playground.api.encoding import concept_answer, visual_answer
from sam3_playground.api.examples import CONCEPT_EXAMPLES, EMBED_EXAMPLES, VISUAL_EXAMPLES
from sam3_playground.api.gate import Gate, GatedRoute, go_on
from sam3_playground.api.image_source import ImageSource
from sam3_playground.api.kept import KeptLogits
from sam3_playground.api.metrics import Metrics
from sam3_playground.api.responses import RESPONSES, answer_json
from sam3_playground.api.schemas import (
    MODEL_ID,
    Sam2SegmentationRequest,
    Sam3EmbeddingRequest,
    Sam3SegmentationRequest,
)
from sam3_playground.api.translation import (
    concept_prompts,
    nms_of,
    visual_prompts,
    wire_names,
)
from sam3_playground.core.requests import (
    DEFAULT_SCORE_THRESHOLD,
    ConceptRequest,
    Step,
    VisualObject,
    VisualRequest,
)
from sam3_playground.errors import UnknownModelError
from sam3_playground.formats.masks import mask_way
from sam3_playground.pipeline.answer import propose
from sam3_playground.pipeline.service import SegmenterService, State
from sam3_playground.server.validation import brief

SERVED_MODELS = (MODEL_ID, "sam3")


@dataclass(frozen=True, eq=False)
class Server:
    """What the endpoints share: one for each app."""

    service: SegmenterService
    gate: Gate
    source: ImageSource
    logits: KeptLogits
    metrics: Metrics


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


def _caller(request: Request) -> str:
    caller: str = request.state.caller
    return caller


def _documented_key(
    api_key: Annotated[str | None, Query(title="API Key", description="API key")] = None,
    bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False))] = None,
) -> None:
    """Both places for a key, for the documentation: the gate has read them already."""


TheServer = Annotated[Server, Depends(_server)]
Caller = Annotated[str, Depends(_caller)]

public = APIRouter()
gated = APIRouter(route_class=GatedRoute, dependencies=[Depends(_documented_key)])


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


@gated.post(
    "/sam3/concept_segment",
    summary="SAM3 PCS (promptable concept segmentation)",
    operation_id="sam3_segment_image_sam3_concept_segment_post",
    response_model=Sam3SegmentationResponse,
    responses=RESPONSES,
)
async def sam3_segment_image(
    body: Annotated[Sam3SegmentationRequest, Body(openapi_examples=CONCEPT_EXAMPLES)],
    server: TheServer,
    caller: Caller,
) -> Response:
    """Find every instance of up to 16 concepts.

    A concept is text, example boxes, or both. Boxes are absolute pixels: `x`, `y` is the
    top left corner, or `x0`, `y0`, `x1`, `y1` are both corners. Boxes with label 0 need text or
    a box with label 1: alone they are refused, as nothing says what is to be found.

    A text is one concept, commas and all. It is read in small letters, without an article ahead,
    punctuation at its end or quotes around it; the echo has it as it was sent. More than the
    weights read, 30 tokens (words and parts of them), is refused.

    Polygons are outer outlines: holes are lost in them, in `rle` they are not. `fill_holes`,
    `min_area` and `simplify` are extensions of this server.

    An `image_id` stands for the image in later requests of the same API key. Without keys only
    the ids that `embed_image` answers do; any other has to come with its image.
    """
    start = time.perf_counter()
    _check_model(body.model_id)
    request = ConceptRequest(
        tuple(concept_prompts(body.prompts)),
        score_threshold=(
            DEFAULT_SCORE_THRESHOLD if body.output_prob_thresh is None else body.output_prob_thresh
        ),
        nms=nms_of(body),
        cleanup=body.cleanup(),
    )
    file = await server.source.load(body.image, body.image_id, caller)

    def work() -> Response:
        image = server.source.decode(file, body.image_id, caller)
        go_on()
        with wire_names():
            proposal = propose(server.service, image, request)
        values = concept_answer(proposal, mask_way(_way_name(body.format)), go_on=go_on)
        return answer_json(values, start, server.service.weights)

    return await server.gate.work(work)


@gated.post(
    "/sam3/visual_segment",
    summary="SAM3 PVS (promptable visual segmentation)",
    operation_id="sam3_visual_segment_sam3_visual_segment_post",
    response_model=Sam2SegmentationResponse,
    responses=RESPONSES,
)
async def sam3_visual_segment(
    body: Annotated[Sam2SegmentationRequest, Body(openapi_examples=VISUAL_EXAMPLES)],
    server: TheServer,
    caller: Caller,
) -> Response:
    """Cut out one object for each prompt.

    A prompt is points, a box, or both, in absolute pixels. A box's `x`, `y` is its centre.
    `prompts` may be `{"prompts": [...]}`, a list, or a single prompt. Points that are not
    positive need a positive one or a box: alone they are refused, with saved logits too.

    Polygons are outer outlines: holes are lost in them, in `rle` they are not. `fill_holes`,
    `min_area` and `simplify` are extensions of this server.

    An `image_id` stands for the image in later requests of the same API key. Without keys only
    the ids that `embed_image` answers do; any other has to come with its image.
    """
    start = time.perf_counter()
    _check_model(body.model_id)
    prompts = visual_prompts(body.prompts)
    file = await server.source.load(body.image, body.image_id, caller)

    def work() -> Response:
        image = server.source.decode(file, body.image_id, caller)
        request = VisualRequest(
            tuple(
                VisualObject(
                    Step(prompt),
                    mask_input=server.logits.before(caller, image, prompt)
                    if body.load_logits_from_cache
                    else None,
                )
                for prompt in prompts
            ),
            multimask=body.multimask_output,
            cleanup=body.cleanup(),
        )
        go_on()
        with wire_names():
            proposal = propose(server.service, image, request)
        if body.save_logits_to_cache:
            for prompt, found in zip(prompts, proposal.found, strict=True):
                server.logits.put(caller, image, prompt, found.candidates[0].mask_logits)
        values = visual_answer(proposal, mask_way(_way_name(body.format)), go_on=go_on)
        return answer_json(values, start, server.service.weights)

    return await server.gate.work(work)


@gated.post(
    "/sam3/embed_image",
    summary="SAM3 image embedding",
    response_model=Sam3EmbeddingResponse,
    responses=RESPONSES,
)
async def sam3_embed_image(
    body: Annotated[Sam3EmbeddingRequest, Body(openapi_examples=EMBED_EXAMPLES)],
    server: TheServer,
    caller: Caller,
) -> Response:
    """Encode an image ahead, so that later requests about it are quick.

    Later requests name the answer's `image_id` instead of sending the image, or send both.
    On a server without API keys that is always an id made from the pixels, in place of one
    that you chose: others could have chosen the same.
    """
    start = time.perf_counter()
    _check_model(body.model_id)
    file = await server.source.load(body.image, body.image_id, caller)

    def work() -> Response:
        image = server.source.decode(file, body.image_id, caller)
        go_on()
        server.service.embed(image)
        image_id = server.source.keep(file, image, body.image_id, caller)
        return answer_json({"image_id": image_id, "time": 0.0}, start, server.service.weights)

    return await server.gate.work(work)


def _way_name(name: str) -> str:
    """The wire's `json` means polygons."""
    return "polygon" if name == "json" else name


def _check_model(model_id: str | None) -> None:
    if model_id is not None and model_id not in SERVED_MODELS:
        raise UnknownModelError(
            f"expected a model_id of {' or '.join(SERVED_MODELS)}, got {brief(model_id)}"
        )
