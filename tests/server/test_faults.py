"""What nobody thought of ends one request, in words, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from sam3_playground.server.faults import DETAIL, AnswerFaults
from tests.api.conftest import running
from tests.servers import Visitor


def test_a_fault_that_nobody_thought_of_is_a_sentence(visitor: Visitor) -> None:
    for _ in range(2):
        answer = visitor.http.get("/fault")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json() == {"detail": DETAIL}
    assert visitor.http.get("/healthz").json()["status"] == "ready"


def test_half_an_answer_ends_with_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b"half"
        raise LookupError("key k-123")

    async def half(_: Request) -> StreamingResponse:
        return StreamingResponse(halves(), headers={"content-length": "8"})

    async def whole(_: Request) -> PlainTextResponse:
        return PlainTextResponse("whole")

    routes = [Route("/half", half), Route("/whole", whole)]
    app = Starlette(routes=routes, middleware=[Middleware(AnswerFaults)])
    with (
        caplog.at_level(logging.INFO),
        running(app) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/half")
        assert client.get("/whole").text == "whole"
    assert "/half failed: LookupError in halves" in caplog.text
    assert "k-123" not in caplog.text
    assert "Traceback" not in caplog.text
