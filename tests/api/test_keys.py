"""Who has no key gets nothing but the health check and the documentation."""

from __future__ import annotations

from typing import Any

import pytest

from sam3_playground.config import Settings
from sam3_playground.errors import UnauthorizedError
from sam3_playground.server.keys import ANONYMOUS, KeyRing
from tests.api.conftest import StartApi, base64_image

KEYS = Settings(api_keys=frozenset({"first-key", "schlüssel", "voilà", "鍵🔑"}))
BODY = {"image": base64_image()}
PATHS = ("/sam3/concept_segment", "/sam3/visual_segment", "/sam3/embed_image", "/sam3_3d/infer")


@pytest.mark.parametrize(
    "request_options",
    [
        {"params": {"api_key": "first-key"}},
        {"params": {"api_key": "schlüssel"}},
        {"headers": {"Authorization": "Bearer first-key"}},
        {"headers": {"Authorization": "bearer  first-key"}},
        {"headers": {"Authorization": "Bearer schlüssel".encode()}},
        {"headers": {"Authorization": "Bearer schlüssel".encode("latin-1")}},
        {"headers": {"Authorization": "Bearer  voilà".encode()}},
        {"headers": {"Authorization": "Bearer 鍵🔑".encode()}},
        {"body": BODY | {"api_key": "first-key"}},
    ],
    ids=[
        "query",
        "query, not ASCII",
        "header",
        "header, untidy",
        "header, not ASCII",
        "header, Latin-1",
        "header, ends in a byte like a space",  # à in UTF-8 ends in 0xA0
        "header, not Latin-1",
        "body",
    ],
)
def test_a_key_opens(start_api: StartApi, request_options: dict[str, Any]) -> None:
    api = start_api(KEYS)
    options = {"body": BODY} | request_options
    assert api.post("/sam3/embed_image", **options).status_code == 200


@pytest.mark.parametrize(
    "request_options",
    [
        {},
        {"params": {"api_key": ""}},
        {"params": {"api_key": "first-ke"}},
        {"params": {"api_key": "first-key,schlüssel"}},
        {"headers": {"Authorization": "Basic first-key"}},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"headers": {"Authorization": b"Bearer schl\xff\xfessel"}},
        {"headers": {"Authorization": "Bearer schluessel"}},
        # a wrong key is not made good by another place
        {"headers": {"Authorization": "Bearer wrong"}, "params": {"api_key": "first-key"}},
        {"body": BODY | {"api_key": ["first-key"]}},
        {"body": BODY | {"api_key": "\ud800"}},
    ],
)
def test_no_key_no_answer(start_api: StartApi, request_options: dict[str, Any]) -> None:
    api = start_api(KEYS)
    for path in PATHS:
        answer = api.post(path, **({"body": BODY} | request_options))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "first-key" not in answer.text
    assert api.segmenter.calls == []


def test_what_answers_without_a_key(start_api: StartApi) -> None:
    api = start_api(KEYS)
    answers = {
        path: api.http.get(path).status_code
        for path in ("/healthz", "/docs", "/openapi.json", "/metrics", "/sam3/embed_image", "/x")
    }
    assert answers == {
        "/healthz": 200,
        "/docs": 200,
        "/openapi.json": 200,
        "/metrics": 401,
        "/sam3/embed_image": 405,
        "/x": 404,
    }
    assert api.http.get("/metrics", params={"api_key": "first-key"}).status_code == 200


def test_head_is_answered_as_get_without_the_body(start_api: StartApi) -> None:
    api = start_api(KEYS)
    for path in ("/healthz", "/docs", "/redoc", "/openapi.json", "/metrics", "/sam3/embed_image"):
        got, head = api.http.get(path), api.http.head(path)
        assert head.status_code == got.status_code, path
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers["content-length"] == got.headers["content-length"]
        assert head.content == b""
    assert api.http.head("/metrics", headers={"Authorization": "Bearer first-key"}).is_success
    assert api.http.head("/healthz").status_code == 200


def test_a_wrong_body_is_not_told_apart_without_a_key(start_api: StartApi) -> None:
    api = start_api(KEYS)
    assert api.http.post("/sam3/embed_image", json={}).status_code == 401
    assert api.http.post("/sam3/embed_image", content=b"x" * 100).status_code == 401


def test_callers_are_told_apart_but_their_keys_are_not_kept() -> None:
    ring = KeyRing(["a", "b"])
    assert ring.caller("a") != ring.caller("b")
    assert ring.caller("a") == KeyRing(["a"]).caller("a") != "a"
    assert "a" not in vars(ring).values()
    with pytest.raises(UnauthorizedError, match="got none"):
        ring.caller(None)


def test_without_keys_everybody_is_anonymous() -> None:
    assert KeyRing([]).caller(None) == KeyRing([]).caller("anything") == ANONYMOUS


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return one == other

    monkeypatch.setattr("sam3_playground.server.keys.hmac.compare_digest", compare)
    ring = KeyRing(["a", "b", "c"])
    ring.caller("a")
    assert len(compared) == 3  # all of them, whichever fits
