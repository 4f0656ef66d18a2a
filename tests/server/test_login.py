"""What is closed by a login is closed: the page, its own requests, Gradio's and the API."""

from __future__ import annotations

import base64
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, AuthenticationError

from sam3_playground.api import unlocked_paths
from sam3_playground.api.app import PATHS
from sam3_playground.config import Settings
from sam3_playground.server.login import Logins
from sam3_playground.ui import paths
from tests.server.test_ending import running
from tests.servers import Visitor, discs_png, page_state

LOGIN = ("visitör", "pass:wörd")
VARIABLES = {
    "SAM3_AUTH": f"other:one,{LOGIN[0]}:{LOGIN[1]}",
    "SAM3_API_KEYS": "key",
    "SAM3_ACCESS_LOG": "1",
    "SAM3_TRUSTED_PROXIES": "127.0.0.2",
}
HEALTH = {"/healthz", "/readiness"}
# Browsers ask for these without the login that they have.
OPEN = {"/favicon.ico", "/manifest.json", "/robots.txt", "/gradio_api/startup-events"}


def header(user: str, password: str, encoding: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode(encoding)).decode()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_login_opens(encoding: str) -> None:
    logins = Logins({f"{LOGIN[0]}:{LOGIN[1]}", "other:one"})
    assert logins.open_to(header(*LOGIN, encoding))
    assert logins.open_to(header("other", "one").replace("Basic", "bAsIc"))


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic ?",
        "Basic b3RoZXI6b25",
        "Bearer b3RoZXI6b25l",
        header("other", "two"),
        header("visitör", "one"),
        header("other", "one "),
        header("", ""),
        header("other:one", ""),
        "Basic " + "b" * 5000,
    ],
)
def test_anything_else_does_not(authorization: str | None) -> None:
    assert not Logins({"visitör:pass:wörd", "other:one"}).open_to(authorization)
    assert Logins(()).open_to(authorization)


def test_keys_open_what_asks_for_keys_and_nothing_else() -> None:
    assert unlocked_paths(Settings(auth=frozenset({"a:b"}))) == HEALTH
    keyed = unlocked_paths(Settings(api_keys=frozenset({"key"})))
    assert keyed == {*PATHS} - {"/info"}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("closed"), **VARIABLES) as (url, process):
        yield url
        process.send_signal(signal.SIGTERM)
        _, noted = process.communicate(timeout=30)
    lines = [line for line in noted.splitlines() if " GET /calls " in line]
    senders = [line.split()[2] for line in lines]
    assert senders == ["127.0.0.1", "127.0.0.1", "1.2.3.4"]  # the first without a login
    assert "pass" not in noted


def test_nothing_answers_without_a_login(closed: str) -> None:
    asked = {"/", "/config", "/theme.css", "/calls", "/docs", "/redoc", "/openapi.json", "/info"}
    asked |= {
        "/gradio_api/info",
        "/gradio_api/queue/data",
        "/gradio_api/heartbeat/x",
        "/page/examples/x",
    }
    with httpx.Client(base_url=closed, trust_env=False) as client:
        for path in sorted(asked):
            answer = client.get(path)
            assert answer.status_code == 401, path
            assert "expected a login" in answer.json()["detail"]
            assert answer.headers["www-authenticate"].startswith("Basic ")
            assert answer.headers["content-security-policy"]
        posts = {paths.IMAGES, paths.FETCH, paths.SAVE, paths.CODE, paths.COUNTS, paths.JOIN}
        posts.add(paths.CLIENT_UPLOAD)
        for path in sorted(posts):
            assert client.post(path, json={}).status_code == 401, path
        for path in sorted(HEALTH | OPEN):
            assert client.get(path).status_code == 200, path


def test_the_page_answers_with_one(closed: str) -> None:
    with Visitor(closed, auth=LOGIN) as visitor:
        answer = visitor.ask(page_state(visitor.upload(discs_png()), "red"))
        assert len(answer["rows"][0]["instances"]) == 2
        assert visitor.http.get("/docs").status_code == 200


def test_the_api_asks_for_a_key_in_its_place(closed: str) -> None:
    image = {"type": "base64", "value": base64.b64encode(discs_png()).decode()}
    with httpx.Client(base_url=closed, trust_env=False) as client:
        bare = client.post("/sam3/embed_image", json={"image": image})
        assert "expected an API key" in bare.text
        with_login = client.post("/sam3/embed_image", json={"image": image}, auth=LOGIN)
        assert with_login.status_code == 401
        key = {"authorization": "Bearer key"}
        assert client.post("/sam3/embed_image", json={"image": image}, headers=key).is_success
        assert client.get("/", headers=key).status_code == 401


def test_calls_by_name_ask_for_a_key_too(closed: str, tmp_path: Path) -> None:
    image = tmp_path / "discs.png"
    image.write_bytes(discs_png())
    options: dict[str, Any] = {"verbose": False, "analytics_enabled": False}
    with_key = Client(closed, headers={"Authorization": "Bearer key"}, **options)
    found = with_key.predict(handle_file(image), ["red"], api_name="/segment_concepts")
    assert len(found["prompt_results"][0]["predictions"]) == 2
    with_login = Client(closed, httpx_kwargs={"auth": LOGIN}, **options)
    with pytest.raises(AppError, match="expected an API key"):
        with_login.predict("a" * 32, ["red"], api_name="/segment_concepts")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        with_login.predict(handle_file(image), ["red"], api_name="/segment_concepts")
    for headers in ({"Authorization": "Bearer other"}, {}):
        with pytest.raises(AuthenticationError):
            Client(closed, headers=headers, **options)
    with_key.close()
    with_login.close()


@pytest.mark.parametrize(
    ("site", "mode", "method", "status"),
    [
        ("same-origin", "cors", "GET", 200),
        ("none", "navigate", "GET", 200),
        ("cross-site", "navigate", "GET", 200),  # a link, or the frame of a Space
        ("cross-site", "cors", "GET", 403),
        ("cross-site", "no-cors", "GET", 403),
        ("same-site", "cors", "GET", 403),
        ("cross-site", "navigate", "POST", 403),  # a form
    ],
)
def test_another_sites_page_does_not_ask_with_the_visitors_login(
    closed: str, site: str, mode: str, method: str, status: int
) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
    path = "/" if method == "GET" else paths.IMAGES
    with httpx.Client(base_url=closed, auth=LOGIN, trust_env=False) as client:
        assert client.request(method, path, headers=headers).status_code == status


def test_a_proxys_word_counts_in_the_log_if_it_is_trusted(closed: str) -> None:
    """The log is read when the server has ended."""
    told = {"x-forwarded-for": "6.6.6.6, 1.2.3.4"}
    for address in ("127.0.0.1", "127.0.0.2"):
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(base_url=closed, auth=LOGIN, transport=transport) as client:
            assert client.get("/calls", headers=told).status_code == 200
