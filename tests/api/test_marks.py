"""Every answer carries the request's id and its time, whatever became of the request."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from sam3_playground.config import Settings
from tests.api.conftest import Api, StartApi, base64_image
from tests.api.test_openapi import SERVED
from tests.fakes import FakeSegmenter

MADE = re.compile(r"[0-9a-f]{32}")
RED = {"text": "red"}
CLICK = {"points": [{"x": 60, "y": 95}]}


def marks(answer: httpx.Response) -> tuple[str, float]:
    """The id and the seconds of an answer, each there once."""
    (known,) = answer.headers.get_list("x-request-id")
    (seconds,) = answer.headers.get_list("x-processing-time")
    return known, float(seconds)


def test_every_answer_is_marked(start_api: StartApi) -> None:
    class Broken(FakeSegmenter):
        def segment_visual(self, *_: Any, **__: Any) -> Any:
            raise LookupError("nobody thought of it")

    api = start_api(Settings(api_keys=frozenset({"k"})), segmenter=Broken())
    key = {"params": {"api_key": "k"}}
    body = {"image": base64_image()}
    words = body | {"prompts": [RED]}
    answers = {
        200: api.post("/sam3/concept_segment", words, **key),
        401: api.post("/sam3/concept_segment", words),
        404: api.post("/sam3/concept_segment", words | {"model_id": "other"}, **key),
        405: api.http.get("/sam3/concept_segment"),
        413: api.post("/sam3/embed_image", b"x" * 50_000_000, **key),
        422: api.post("/sam3/embed_image", {}, **key),
        500: api.post("/sam3/visual_segment", body | {"prompts": CLICK}, **key),
        501: api.post("/sam3_3d/infer", {}, **key),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {
        status: status for status in answers
    }
    others = [
        api.http.get(path)
        for path in ("/healthz", "/readiness", "/info", "/metrics", "/docs", "/openapi.json", "/x")
    ]
    found = [marks(answer) for answer in (*answers.values(), *others, api.http.head("/healthz"))]
    assert all(MADE.fullmatch(known) for known, _ in found)
    assert len({known for known, _ in found}) == len(found)
    assert all(0 <= seconds < 60 for _, seconds in found)


def test_the_time_is_that_of_the_work_in_seconds(start_api: StartApi) -> None:
    api = start_api()
    answer = api.concept(RED)
    _, seconds = marks(answer)
    assert seconds >= answer.json()["time"] > 0


@pytest.mark.parametrize(
    "known",
    [
        "1",
        "6f1d0c1e-9d0c-4a53-9f61-2f3f2f0c3a10",
        "Root=1-67891233-abcdef012345678912345678",
        "a/b+c:d.e_f@g==",
        "x" * 128,
    ],
)
def test_a_sane_id_is_taken_over(api: Api, known: str) -> None:
    answers = [api.concept(RED, format="x"), api.http.get("/x"), api.http.get("/healthz")]
    assert known not in {marks(answer)[0] for answer in answers}
    headers = {"X-Request-ID": known}
    answers = [
        api.post("/sam3/embed_image", {}, headers=headers),
        api.http.get("/x", headers=headers),
        api.http.get("/healthz", headers=headers),
    ]
    assert [marks(answer)[0] for answer in answers] == [known] * 3


@pytest.mark.parametrize(
    "known",
    [
        "",
        "x" * 129,
        "two words",
        "a\tb",
        "a;b",
        "a,b",
        '<script>"',
        "\x1b[31m",
        "é",
        "\uff11",
        "x\u2028y",
    ],
)
def test_another_id_is_replaced(api: Api, known: str) -> None:
    answer = api.http.get("/healthz", headers={b"X-Request-ID": known.encode()})
    assert MADE.fullmatch(marks(answer)[0])


def test_two_ids_are_none(api: Api) -> None:
    answer = api.http.get("/healthz", headers=[("x-request-id", "a"), ("x-request-id", "b")])
    assert MADE.fullmatch(marks(answer)[0])


def test_the_schema_says_so_of_every_answer() -> None:
    answers = [
        answer
        for item in SERVED["paths"].values()
        for operation in item.values()
        for answer in operation["responses"].values()
    ]
    assert len(answers) > 20
    for name in ("X-Request-ID", "X-Processing-Time"):
        assert SERVED["components"]["headers"][name]["description"]
        reference = {"$ref": f"#/components/headers/{name}"}
        assert all(answer["headers"][name] == reference for answer in answers)
    weights = SERVED["paths"]["/sam3/concept_segment"]["post"]["responses"]["200"]["headers"]
    assert "X-SAM3-Weights" in weights
