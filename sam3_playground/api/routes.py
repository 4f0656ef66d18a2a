"""The endpoints that look at images."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from sam3_playground.api.answers import (
    Sam2SegmentationResponse,
    Sam3EmbeddingResponse,
    Sam3SegmentationResponse,
)
from sam3_playground.api.context import Caller, TheServer, documented_key
from sam3_playground.api.encoding import concept_answer, visual_answer
from sam3_playground.api.examples import CONCEPT_EXAMPLES, EMBED_EXAMPLES, VISUAL_EXAMPLES
from sam3_playground.api.gate import GatedRoute, go_on
from sam3_playground.api.model_ids import check_model
from sam3_playground.api.responses import NO_CLICKS, RESPONSES, answer_json
from sam3_playground.api.schemas import (
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
    VisualObject,
    VisualRequest,
)
from sam3_playground.core.steps import Step
from sam3_playground.formats.masks import mask_way
from sam3_playground.pipeline.answer import propose

gated = APIRouter(route_class=GatedRoute, dependencies=[Depends(documented_key)])


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
    `min_area`, `simplify` and `nms_mode` are extensions of this server.

    An `image_id` stands for the image in later requests of the same API key. Without keys only
    the ids that `embed_image` answers do; any other has to come with its image.
    """
    start = time.perf_counter()
    check_model(body.model_id)
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
        segmenter = server.service.current
        with wire_names():
            proposal = propose(segmenter, image, request)
        values = concept_answer(proposal, mask_way(_way_name(body.format)), go_on=go_on)
        return answer_json(values, start, segmenter.weights)

    return await server.gate.work(work)


@gated.post(
    "/sam3/visual_segment",
    summary="SAM3 PVS (promptable visual segmentation)",
    operation_id="sam3_visual_segment_sam3_visual_segment_post",
    response_model=Sam2SegmentationResponse,
    responses=RESPONSES | NO_CLICKS,
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
    check_model(body.model_id)
    prompts = visual_prompts(body.prompts)
    file = await server.source.load(body.image, body.image_id, caller)

    def work() -> Response:
        image = server.source.decode(file, body.image_id, caller)
        segmenter = server.service.current
        request = VisualRequest(
            tuple(
                VisualObject(
                    Step(prompt),
                    mask_input=server.logits.before(caller, segmenter.key, image, prompt)
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
            proposal = propose(segmenter, image, request)
        if body.save_logits_to_cache:
            for prompt, found in zip(prompts, proposal.found, strict=True):
                server.logits.put(
                    caller, segmenter.key, image, prompt, found.candidates[0].mask_logits
                )
        values = visual_answer(proposal, mask_way(_way_name(body.format)), go_on=go_on)
        return answer_json(values, start, segmenter.weights)

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
    check_model(body.model_id)
    file = await server.source.load(body.image, body.image_id, caller)

    def work() -> Response:
        image = server.source.decode(file, body.image_id, caller)
        go_on()
        segmenter = server.service.current
        segmenter.embed(image)
        image_id = server.source.keep(file, image, body.image_id, caller)
        return answer_json({"image_id": image_id, "time": 0.0}, start, segmenter.weights)

    return await server.gate.work(work)


def _way_name(name: str | None) -> str:
    """The wire's `json` means polygons, and so does none."""
    return "polygon" if name is None or name == "json" else name
