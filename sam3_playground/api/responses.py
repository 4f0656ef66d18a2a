"""What an answer is besides its values: headers that say which weights made it, and errors."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from sam3_playground.api.answers import ErrorResponse, ResolvedModel
from sam3_playground.core.segmenter import RunningWeights

# Which weights made it, and whether others were asked for and failed.
WEIGHTS_HEADER = "X-SAM3-Weights"
FALLBACK_HEADER = "X-SAM3-Fallback"
# What a header can hold; all else of a file's name is percent-encoded.
_PLAIN = " !#$&'()+,/:;=@[]^`{}~"

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            WEIGHTS_HEADER: {
                "description": "The weights that answered: `tiny` for the bundled ones, a hub id, "
                "or a file's name, percent-encoded",
                "schema": {"type": "string"},
            },
            FALLBACK_HEADER: {
                "description": "1 where they stand in the place of weights that were asked for "
                "and failed",
                "schema": {"type": "string"},
            },
        }
    },
    401: {"model": ErrorResponse, "description": "No API key, or an unknown one"},
    404: {"model": ErrorResponse, "description": "A model that is not served"},
    413: {"model": ErrorResponse, "description": "Too many bytes or pixels"},
    500: {"model": ErrorResponse, "description": "A fault of the server"},
    503: {"model": ErrorResponse, "description": "Busy or still loading; see Retry-After"},
}

# Of visual prompts alone: every set of weights answers concepts.
NO_CLICKS: dict[int | str, dict[str, Any]] = {
    501: {"model": ErrorResponse, "description": "The weights that run hold no click head"}
}


def answer_json(values: dict[str, Any], start: float, weights: RunningWeights) -> Response:
    """JSON, made in the worker: long polygons would hold up the event loop."""
    values["time"] = round(time.perf_counter() - start, 4)
    values["resolved_model"] = ResolvedModel(model_id=weights.name).model_dump()
    content = json.dumps(values, separators=(",", ":"), allow_nan=False)
    headers = {WEIGHTS_HEADER: quote(weights.name, safe=_PLAIN)}
    if weights.fallback:
        headers[FALLBACK_HEADER] = "1"
    return Response(content, media_type="application/json", headers=headers)
