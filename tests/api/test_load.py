"""Under load the API sends away what it can't hold, and forgets who hung up."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import httpx
import pytest

from sam3_playground.api import gate
from sam3_playground.config import Settings
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import CheckpointError
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import Api, StartApi, base64_image
from tests.fakes import FakeSegmenter

BODY = json.dumps({"image": base64_image()}).encode()


class Held(FakeSegmenter):
    """Works only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.go_on = threading.Event()

    def embed(self, image: Any, progress: Any = None) -> Any:
        self.begun += 1
        self.go_on.wait(20)
        return super().embed(image, progress)


@pytest.fixture
def held() -> Iterator[Held]:
    segmenter = Held()
    yield segmenter
    segmenter.go_on.set()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "expected it within 10 seconds"
        time.sleep(0.01)


@contextmanager
def hanging(
    api: Api, body: bytes = BODY, *, announced: int | None = None
) -> Iterator[socket.socket]:
    """A request that is sent, and whose connection is closed after the block."""
    host, port = api.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = (
            "POST /sam3/embed_image HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {announced or len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        yield connection


def held_now(api: Api) -> int:
    count: int = api.app.state.gate.held
    return count


def test_a_full_queue_sends_away_with_a_time_to_come_back(start_api: StartApi, held: Held) -> None:
    api = start_api(Settings(max_waiting=3), segmenter=held)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(api.embed) for _ in range(3)]
        until(lambda: held_now(api) == 3)
        refused = api.embed()
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert api.http.get("/healthz").status_code == 200
        held.go_on.set()
        assert [answer.result().status_code for answer in waiting] == [200] * 3
    assert api.embed().status_code == 200
    assert held_now(api) == 0


def test_a_client_that_hangs_up_frees_its_place_and_its_work_is_not_begun(
    start_api: StartApi, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "WORKERS", 1)
    api = start_api(Settings(max_waiting=2), segmenter=held)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(api.embed)
        until(lambda: held.begun == 1)
        with hanging(api):
            until(lambda: held_now(api) == 2)
            assert api.embed().status_code == 503
        until(lambda: held_now(api) == 1)
        held.go_on.set()
        assert first.result().status_code == 200
    assert held.begun == 1
    assert api.embed().status_code == 200


def test_a_client_that_hangs_up_within_its_body_frees_its_place(
    start_api: StartApi,
) -> None:
    api = start_api(Settings(max_waiting=1))
    with hanging(api, BODY[:100], announced=len(BODY)):
        until(lambda: held_now(api) == 1)
    until(lambda: held_now(api) == 0)
    assert api.embed().status_code == 200


def test_a_body_that_does_not_come_frees_its_place(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    api = start_api(Settings(max_waiting=1))
    with hanging(api, BODY[:100], announced=len(BODY)) as connection:
        assert b" 422 " in connection.recv(100)
    assert api.embed().status_code == 200


def test_strangers_fill_only_a_part_of_the_queue(start_api: StartApi) -> None:
    api = start_api(Settings(api_keys=frozenset({"k"}), max_waiting=4))
    with hanging(api, BODY[:100], announced=len(BODY)):
        until(lambda: held_now(api) == 1)
        assert api.embed(api_key="k").status_code == 401
        answer = api.post("/sam3/embed_image", BODY, params={"api_key": "k"})
        assert answer.status_code == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_a_body_above_the_limit_is_refused(start_api: StartApi, chunked: bool) -> None:
    api = start_api(Settings(max_image_bytes=1000))
    body = b'"' + b"x" * 3_000_000 + b'"'
    content = iter([body[:2_000_000], body[2_000_000:]]) if chunked else body
    headers = {"content-type": "application/json"}
    try:
        answer = api.http.post("/sam3/embed_image", content=content, headers=headers)
    except httpx.WriteError:
        return  # refused before all of it was sent
    assert answer.status_code == 413


def test_while_the_weights_load_requests_are_sent_away(start_api: StartApi) -> None:
    go_on = threading.Event()

    def load(_: Any) -> Segmenter:
        go_on.wait(20)
        return cast("Segmenter", FakeSegmenter())

    service = SegmenterService(load)
    service.start()
    api = start_api(service=service)
    assert api.http.get("/healthz").json() == {
        "status": "loading",
        "weights": None,
        "fallback": False,
        "message": "starting.",
    }
    assert api.http.get("/healthz").status_code == 503
    answer = api.embed()
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    go_on.set()
    until(lambda: api.http.get("/healthz").status_code == 200)
    assert api.embed().status_code == 200


def test_weights_that_failed_to_load_are_no_secret_leak(start_api: StartApi) -> None:
    def load(_: Any) -> Segmenter:
        raise CheckpointError("expected a checkpoint, got /home/owner/secret.pt")

    service = SegmenterService(load)
    service.start()
    api = start_api(service=service)
    until(lambda: api.http.get("/healthz").json()["status"] == "failed")
    assert api.http.get("/healthz").status_code == 503
    answer = api.embed()
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_a_fault_fails_alone_and_tells_nothing(
    start_api: StartApi, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(FakeSegmenter):
        def segment_concepts(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("CUDA out of memory at /home/owner, key k-123")

    api = start_api(segmenter=Faulty())
    with caplog.at_level(logging.INFO):
        answer = api.concept({"type": "text", "text": "red"})
    assert answer.status_code == 500
    for text in (answer.text, caplog.text):
        assert "owner" not in text
        assert "k-123" not in text
        assert "Traceback" not in text
    assert "RuntimeError" in caplog.text
    assert api.embed().status_code == 200


def test_the_log_holds_no_keys(start_api: StartApi, caplog: pytest.LogCaptureFixture) -> None:
    api = start_api(Settings(api_keys=frozenset({"k-123"})))
    with caplog.at_level(logging.DEBUG, logger="sam3_playground"):
        api.post("/sam3/embed_image", BODY, params={"api_key": "k-123"})
        api.post("/sam3/embed_image", b"{", params={"api_key": "k-123"})
    assert "k-123" not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("sam3")
    )


def test_requests_are_counted(start_api: StartApi) -> None:
    api = start_api()
    api.embed()
    api.embed({"type": "base64", "value": "?"})
    api.http.get("/nonsense")
    text = api.http.get("/metrics").text
    assert 'sam3_requests_total{path="/sam3/embed_image",status="200"} 1.0' in text
    assert 'sam3_requests_total{path="/sam3/embed_image",status="422"} 1.0' in text
    assert 'sam3_requests_total{path="other",status="404"} 1.0' in text
    assert 'sam3_request_seconds_count{path="/sam3/embed_image"} 2.0' in text
    assert "sam3_requests_held 0.0" in text
    assert "process_resident_memory_bytes" in text
