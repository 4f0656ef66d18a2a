"""Counts of instances in images that are not on the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import numpy as np
import pytest
from starlette.applications import Starlette

from sam3_playground.config import Settings
from sam3_playground.errors import BusyError
from sam3_playground.images.uploads import Uploads
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.server.draining import InFlight
from sam3_playground.ui.counts import counts_route
from sam3_playground.ui.guard import MAX_ASK_BYTES
from sam3_playground.ui.paths import COUNTS
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from sam3_playground.ui.turns import Turns
from tests.api.conftest import running
from tests.fakes import FakeSegmenter
from tests.servers import discs_png, page_state, png


class Failing(FakeSegmenter):
    """Fails at one word."""

    def segment_concepts(self, image: Any, prompts: Any, **options: Any) -> Any:
        if any(prompt.text == "trouble" for prompt in prompts):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory\nat a line of C++")
        return super().segment_concepts(image, prompts, **options)


@dataclass
class Counting:
    """The route, and what is behind it."""

    http: httpx.Client
    uploads: Uploads
    segmenter: Failing
    responder: Responder
    sessions: Sessions
    in_flight: InFlight
    turns: Turns

    def upload(self, data: bytes) -> str:
        async def add() -> str:
            async def stream() -> Any:
                yield data

            return await self.uploads.add(stream())

        return anyio.run(add)

    def ask(self, state: Any) -> httpx.Response:
        content = state if isinstance(state, bytes) else json.dumps(state)
        return self.http.post(COUNTS, content=content)


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    uploads = Uploads(max_bytes=10**6, parent=tmp_path)
    segmenter, sessions, in_flight = Failing(), Sessions(), InFlight()
    responder = Responder(SegmenterService.of(segmenter), Settings(), uploads.path)
    turns = Turns(at_once=1, max_waiting=1)
    app = Starlette(routes=[counts_route(responder, sessions, turns, in_flight)])
    with running(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        yield Counting(http, uploads, segmenter, responder, sessions, in_flight, turns)
    uploads.close()


def test_each_row_is_counted_hidden_ones_and_empty_ones_too(counting: Counting) -> None:
    image = counting.upload(discs_png())
    answer = counting.ask(page_state(image, "red", "green", "blue", hidden=["1:1"]))
    assert answer.json() == {
        "image_size": [200, 200],
        "rows": [
            {"label": "red", "count": 2},
            {"label": "green", "count": 1},
            {"label": "blue", "count": 0},
        ],
    }


def test_what_is_counted_is_what_the_page_would_show(counting: Counting) -> None:
    state = page_state(counting.upload(discs_png()), "red", "green", score_threshold=0.85)
    counted = counting.ask(state).json()["rows"]
    *_, shown = counting.responder.respond(read_ask(state), Sessions().of("one"))
    assert isinstance(shown, dict)
    assert counted == [
        {"label": row["label"], "count": len(row["instances"])} for row in shown["rows"]
    ]
    assert [row["count"] for row in counted] == [1, 1]


def test_objects_without_clicks_count_nothing(counting: Counting) -> None:
    step = {"points": [{"x": 50, "y": 50, "positive": True}], "box": None, "choice": 0}
    objects = [
        {"id": 1, "slot": 0, "name": "disc", "number": 1, "step": step | {"base": None}},
        {"id": 2, "slot": 1, "name": "", "number": 2, "step": None},
    ]
    image = counting.upload(discs_png())
    answer = counting.ask(page_state(image, mode="objects", objects=objects))
    assert answer.json()["rows"] == [
        {"label": "disc", "count": 1},
        {"label": "object 2", "count": 0},
    ]


def test_without_prompts_there_are_no_rows(counting: Counting) -> None:
    assert counting.ask(page_state(counting.upload(discs_png()))).json()["rows"] == []


def test_who_opens_an_image_that_was_counted_has_it_at_once(counting: Counting) -> None:
    state = page_state(counting.upload(discs_png()), "red")
    counting.ask(state)
    asked = len(counting.segmenter.calls)
    list(counting.responder.respond(read_ask(state), counting.sessions.of("visitor")))
    assert len(counting.segmenter.calls) == asked == 1


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"image": "A" * 32}, 410, "open it again"),
        ({"image": None}, 422, "expected an image"),
        ({"image": "../etc/passwd"}, 422, "expected the id"),
        ({"score_threshold": 2.0}, 422, "expected"),
        ({"mode": "none"}, 422, "mode"),
    ],
)
def test_a_wrong_ask_is_refused_in_words(
    counting: Counting, change: dict[str, Any], status: int, said: str
) -> None:
    answer = counting.ask(page_state(counting.upload(discs_png()), "red") | change)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert counting.in_flight.drain(0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 9000, b"\xff"])
def test_what_is_no_ask_is_refused(counting: Counting, body: bytes) -> None:
    answer = counting.ask(body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected")


def test_an_ask_may_be_so_long_and_no_longer(counting: Counting) -> None:
    image = counting.upload(discs_png())
    state = json.dumps(page_state(image, "red")).encode()
    assert counting.ask(state.ljust(MAX_ASK_BYTES)).status_code == 200
    assert counting.ask(state.ljust(MAX_ASK_BYTES + 1)).status_code == 413


def test_a_network_that_fails_says_so_and_the_next_image_is_counted(counting: Counting) -> None:
    image = counting.upload(discs_png())
    answer = counting.ask(page_state(image, "trouble"))
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "The network failed: DefaultCPUAllocator: can't allocate memory"
    }
    assert counting.ask(page_state(image, "red")).status_code == 200


def test_who_counts_waits_for_a_turn_as_everybody(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    taken = counting.turns.turn

    def turn(visitor: str, address: str) -> Any:
        asked.append((visitor, address))
        if len(asked) > 2:
            raise BusyError("expected fewer asks at once: try again in a moment")
        return taken(visitor, address)

    monkeypatch.setattr(counting.turns, "turn", turn)
    state = page_state(counting.upload(discs_png()), "red")
    assert [counting.ask(state).status_code for _ in range(3)] == [200, 200, 503]
    assert counting.ask(state).headers["Retry-After"]
    (one, address), (two, _), *_ = asked
    assert one != two  # none supersedes the other
    assert address == "127.0.0.1"
    assert counting.in_flight.drain(0)


def test_a_server_that_ends_begins_nothing(counting: Counting) -> None:
    counting.in_flight.drain(0)
    answer = counting.ask(page_state(counting.upload(discs_png()), "red"))
    assert answer.status_code == 503
    assert counting.segmenter.calls == []


def test_all_images_of_an_address_are_one_holder(counting: Counting) -> None:
    for value in range(3):
        image = counting.upload(png(np.full((40, 40, 3), value, np.uint8)))
        assert counting.ask(page_state(image, "red")).status_code == 200
    assert len(counting.sessions) == 1
