"""On the page's port answers carry the request's id and its time too, and the log has the id."""

from __future__ import annotations

import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sam3_playground.server.faults import AnswerFaults
from sam3_playground.server.marks import MarkAnswers
from sam3_playground.server.middleware import LogAccess
from tests.api.conftest import running
from tests.servers import Visitor

EVIL = {"host": "evil.example"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/readiness", 200),
        ("GET", "/info", 200),
        ("GET", "/metrics", 200),
        ("GET", "/model/registry", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/sam3/embed_image", 422),
        ("POST", "/sam3_3d/infer", 501),
        ("GET", "/sam3/embed_image", 405),
        ("PUT", "/healthz", 405),
        ("GET", "/sam3/video", 404),
        ("POST", "/model/add", 404),
        ("POST", "/sam3/embed_image/", 404),
        ("GET", "/fault", 500),
        ("POST", "/page/images", 422),
    ],
)
def test_answers_are_marked_and_refusals_are_json(
    visitor: Visitor, method: str, path: str, status: int
) -> None:
    answer = visitor.http.request(method, path, headers={"X-Request-ID": "mine-1"})
    assert answer.status_code == status
    assert answer.headers.get_list("x-request-id") == ["mine-1"]
    (seconds,) = answer.headers.get_list("x-processing-time")
    assert 0 <= float(seconds) < 60
    if status >= 400:
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()


def test_a_strangers_request_is_marked_too(visitor: Visitor) -> None:
    answer = visitor.http.get("/healthz", headers=EVIL | {"X-Request-ID": "of a stranger"})
    assert answer.status_code == 421
    assert len(answer.headers["x-request-id"]) == 32
    assert float(answer.headers["x-processing-time"]) >= 0


def test_the_log_has_the_id_of_each_request(caplog: pytest.LogCaptureFixture) -> None:
    async def fine(_: Request) -> PlainTextResponse:
        return PlainTextResponse("fine")

    async def fault(_: Request) -> PlainTextResponse:
        raise LookupError("key k-123")

    app = Starlette(
        routes=[Route("/fine", fine), Route("/fault", fault)],
        middleware=[Middleware(MarkAnswers), Middleware(LogAccess), Middleware(AnswerFaults)],
    )
    with (
        caplog.at_level(logging.INFO),
        running(app) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        client.get("/fine", headers={"X-Request-ID": "mine-2"})
        made = client.get("/fine", headers={"X-Request-ID": "x\x1b[31m"}).headers["x-request-id"]
        client.get("/fault", headers={"X-Request-ID": "mine-3"})
    noted = [line for line in caplog.messages if " ms " in line]
    assert [line.split()[1:4] for line in noted] == [
        ["GET", "/fine", "200"],
        ["GET", "/fine", "200"],
        ["GET", "/fault", "500"],
    ]
    assert [line.split()[-1] for line in noted] == ["mine-2", made, "mine-3"]
    (failed,) = [line for line in caplog.messages if "LookupError" in line]
    assert "(request mine-3)" in failed
    assert "\x1b" not in caplog.text
