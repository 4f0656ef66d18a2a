"""What the endpoints share: the app's state, who calls, and the documented places for a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Depends, Query, Request
from fastapi.security import HTTPBearer

from sam3_playground.api.gate import Gate
from sam3_playground.api.image_source import ImageSource
from sam3_playground.api.kept import KeptLogits
from sam3_playground.api.metrics import Metrics
from sam3_playground.pipeline.service import SegmenterService


@dataclass(frozen=True, eq=False)
class Server:
    """What the endpoints share: one for each app.

    Attributes:
        service: The segmenter, ready or still loading.
        gate: Who may enter, and how many at once.
        source: From a request's image to pixels.
        logits: What visual prompts go on from.
        metrics: Numbers for operators.
        uuid: Tells this server from others, and from itself before a new start.
    """

    service: SegmenterService
    gate: Gate
    source: ImageSource
    logits: KeptLogits
    metrics: Metrics
    uuid: str = field(default_factory=lambda: str(uuid4()))


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


def _caller(request: Request) -> str:
    caller: str = request.state.caller
    return caller


def documented_key(
    api_key: Annotated[str | None, Query(title="API Key", description="API key")] = None,
    bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False))] = None,
) -> None:
    """Both places for a key, for the documentation: the gate has read them already."""


TheServer = Annotated[Server, Depends(_server)]
Caller = Annotated[str, Depends(_caller)]
