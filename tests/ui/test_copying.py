"""The page's request as code: written in Python, of what only the page says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sam3_playground.formats.code import LANGUAGES, code_for
from sam3_playground.pipeline.service import ServiceStatus, State
from sam3_playground.ui.copying import code_route
from sam3_playground.ui.guard import MAX_ASK_BYTES
from sam3_playground.ui.paths import CODE
from sam3_playground.ui.state import read_ask
from tests.api.conftest import running
from tests.servers import page_state

URL = "http://127.0.0.1:7860"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def start() -> Iterator[Callable[..., Ask]]:
    with ExitStack() as stack:

        def make(*, needs_key: bool = False, bundled: bool = True, weights: str = "tiny") -> Ask:
            now = ServiceStatus(State.READY, "", bundled=bundled, weights=weights)
            app = Starlette(routes=[code_route(lambda: now, needs_key=needs_key)])
            url = stack.enter_context(running(app))
            http = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=30))

            def ask(state: Any = None, **changes: Any) -> httpx.Response:
                wish = {"ask": state or page_state("x" * 32, "red", "dog, or cat")}
                wish |= {"name": "a photo.jpg", "server_url": URL} | changes
                return http.post(CODE, content=json.dumps(wish))

            return ask

        yield make


@pytest.fixture
def ask(start: Callable[..., Ask]) -> Ask:
    return start()


def texts(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["text"] for one in answer.json()["languages"]}


def test_every_language_says_the_pages_request(ask: Ask) -> None:
    state = page_state("x" * 32, "red", "dog")
    request = read_ask(state).open_request
    assert request is not None
    expected = {
        language: code_for(language, request, "a photo.jpg", URL, weights="tiny")
        for language in LANGUAGES
    }
    answer = ask(state)
    assert texts(answer) == expected
    titles = [one["title"] for one in answer.json()["languages"]]
    assert titles == [language.title for language in LANGUAGES.values()]


def test_a_server_with_keys_is_asked_with_one(start: Callable[..., Ask]) -> None:
    with_key, without = texts(start(needs_key=True)()), texts(start()())
    for language in ("curl", "requests", "inference-sdk"):
        assert "SAM3_API_KEY" in with_key[language]
        assert "SAM3_API_KEY" not in without[language]


@pytest.mark.parametrize(
    ("weights", "bundled", "named"),
    [
        ("tiny", True, "--weights=tiny"),
        ("facebook/sam3", False, "--weights=facebook/sam3"),
        ("mine.pt", False, None),
        ("", False, None),
    ],
)
def test_weights_are_named_that_others_can_have_too(
    weights: str, bundled: bool, named: str | None, start: Callable[..., Ask]
) -> None:
    text = texts(start(weights=weights, bundled=bundled)())["cli"]
    assert (named in text) if named else ("--weights" not in text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/sam/", "https://example.com/sam/sam3/concept_segment"),
        ("http://[::1]:7860", "http://[::1]:7860/sam3/concept_segment"),
        ("HTTPS://user:secret@example.com#part", "https://example.com/sam3/concept_segment"),
    ],
)
def test_the_server_is_asked_where_the_browser_sees_it(url: str, shown: str, ask: Ask) -> None:
    for language in ("curl", "requests"):
        text = texts(ask(server_url=url))[language]
        assert shown in text
        assert "secret" not in text


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "example.com",
        "http://",
        "http://a b/",
        "http://example.com/?key=1",
        "http://exa'mple.com; rm -rf /",
        "http://example.com:99999",
        "http://" + "x" * 3000,
        7,
        None,
    ],
)
def test_what_is_no_server_is_refused(url: Any, ask: Ask) -> None:
    answer = ask(server_url=url)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected ")


def test_an_image_by_url_is_fetched_by_its_url(ask: Ask) -> None:
    found = texts(ask(name="https://images.example/a%20b.jpg"))
    for language in LANGUAGES:
        assert "https://images.example/a%20b.jpg" in found[language]


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800.png", "http://", "x" * 3000, 7])
def test_what_is_no_image_is_refused(name: Any, ask: Ask) -> None:
    answer = ask(name=name)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected ")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b"[1]", 422), (b"[" * 99_999, 422), (b" " * (MAX_ASK_BYTES + 1), 422)],
)
def test_what_is_no_wish_is_refused(body: bytes, status: int, start: Callable[..., Ask]) -> None:
    with ExitStack() as stack:
        app = Starlette(
            routes=[code_route(lambda: ServiceStatus(State.LOADING, ""), needs_key=False)]
        )
        url = stack.enter_context(running(app))
        answer = httpx.post(url + CODE, content=body, trust_env=False)
    assert answer.status_code == status
    assert answer.json()["error"].startswith("expected ")


@pytest.mark.parametrize("changes", [{"score_threshold": 9.0}, {"mode": "nothing"}, {"hidden": 1}])
def test_a_forged_state_is_refused_as_it_is_elsewhere(changes: dict[str, Any], ask: Ask) -> None:
    answer = ask(page_state("x" * 32, "red", **changes))
    assert answer.status_code == 422
    assert "expected " in answer.json()["error"]


def test_without_a_prompt_there_is_nothing_to_copy(ask: Ask) -> None:
    answer = ask(page_state("x" * 32))
    assert answer.status_code == 422
    assert answer.json()["error"] == (
        "expected words, a box or a click, got none: ask for something"
    )
