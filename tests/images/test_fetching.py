"""Image URLs lead to the public internet, or to hosts that the owner allows, or nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import httpcore
import pytest

from sam3_playground.config import Settings
from sam3_playground.errors import ImageTooLargeError, InvalidImageError
from sam3_playground.images.fetching import GuardedBackend, ImageFetcher
from tests.api.conftest import StartApi, png

PUBLIC = "93.184.216.34"


class Answers(BaseHTTPRequestHandler):
    """Answers as the test's table says: path to (status, headers, body)."""

    pages: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['host']}{self.path}")
        status, headers, body = self.pages[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def website(pages: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine; its port, and what it was asked for."""
    asked: list[str] = []
    handler = type("Handler", (Answers,), {"pages": pages, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


class Dialled(httpcore.AsyncNetworkBackend):
    """Connects to this machine whatever the address, and notes the address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._real = httpcore.AnyIOBackend()
        self.addresses: list[str] = []

    async def connect_tcp(self, host: str, port: int, *options: Any, **more: Any) -> Any:
        self.addresses.append(host)
        return await self._real.connect_tcp("127.0.0.1", self._port)


def fetched(
    url: str,
    *,
    hosts: dict[str, list[str]] | None = None,
    port: int = 0,
    allowed: frozenset[str] = frozenset(),
    **options: Any,
) -> tuple[bytes, list[str]]:
    """What a URL holds, where names mean these addresses; and the addresses dialled."""
    known = {"images.example": [PUBLIC]} | (hosts or {})

    async def resolve(host: str, _: int) -> list[str]:
        if host not in known:
            raise OSError("no such host")
        return known[host]

    dialled = Dialled(port)
    backend = GuardedBackend(allowed, resolve=resolve, backend=dialled)
    fetcher = ImageFetcher(**{"max_bytes": 1000, "seconds": 5.0} | options, backend=backend)
    return anyio.run(fetcher.fetch, url), dialled.addresses


def test_a_file_behind_a_url() -> None:
    with website({"/a.png?size=1": (200, {}, b"file")}) as (port, asked):
        assert fetched("http://images.example/a.png?size=1", port=port) == (b"file", [PUBLIC])
    assert asked == ["images.example/a.png?size=1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://①②⑦.⓪.⓪.①/",
        "http://user:secret@127.0.0.1/",
        "http://images.example@127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_this_machine_however_it_is_spelled(url: str) -> None:
    dialled = Dialled(1)
    fetcher = ImageFetcher(max_bytes=10, backend=GuardedBackend(backend=dialled))
    with pytest.raises(InvalidImageError) as refusal:
        anyio.run(fetcher.fetch, url)
    assert dialled.addresses == []
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], ["fe80::1%eth0"], ["nonsense"]],
)
def test_a_name_with_a_private_address(addresses: list[str]) -> None:
    with pytest.raises(InvalidImageError, match="public host"):
        fetched("http://inside.example/", hosts={"inside.example": addresses})


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://images.example/a",
        "gopher://images.example/",
        "data:image/png;base64,AAAA",
        "unix:///run/docker.sock",
        "//images.example/a",
        "images.example/a.png",
        "http://",
        "http:///a",
        "http://[::1",
        "http://images.example:99999/",
        "http://images.example/\x00",
        "http://images.example/a\r\nHost: x",
        "http://" + "a" * 3000,
        "\ud800",
        "",
    ],
)
def test_what_is_no_web_url(url: str) -> None:
    with pytest.raises(InvalidImageError):
        fetched(url)


def test_a_redirect_is_followed() -> None:
    pages = {"/a": (302, {"Location": "/b"}, b""), "/b": (200, {}, b"file")}
    with website(pages) as (port, asked):
        assert fetched("http://images.example/a", port=port)[0] == b"file"
    assert asked == ["images.example/a", "images.example/b"]


@pytest.mark.parametrize(
    "target",
    [
        "http://inside.example/",
        "http://127.0.0.1/",
        "//inside.example/",
        "http://[::1]:80/",
        "file:///etc/passwd",
        "http://no-such.example/",
    ],
)
def test_a_redirect_to_the_inside_is_refused(target: str) -> None:
    hosts = {"inside.example": ["10.0.0.1"], "127.0.0.1": ["127.0.0.1"], "::1": ["::1"]}
    with website({"/a": (307, {"Location": target}, b"")}) as (port, asked):
        with pytest.raises(InvalidImageError):
            fetched("http://images.example/a", hosts=hosts, port=port)
        assert asked == ["images.example/a"]


def test_redirects_end() -> None:
    with (
        website({"/a": (302, {"Location": "/a"}, b"")}) as (port, asked),
        pytest.raises(InvalidImageError, match="at most 3 redirects"),
    ):
        fetched("http://images.example/a", port=port)
    assert len(asked) == 4


def test_a_name_that_changes_its_address_is_asked_once() -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]

    async def resolve(_: str, __: int) -> list[str]:
        return answers.pop(0)

    with website({"/a": (200, {}, b"file")}) as (port, _):
        dialled = Dialled(port)
        backend = GuardedBackend(resolve=resolve, backend=dialled)
        fetcher = ImageFetcher(max_bytes=10, backend=backend)
        assert anyio.run(fetcher.fetch, "http://rebind.example/a") == b"file"
    assert dialled.addresses == [PUBLIC]
    assert len(answers) == 1


def test_an_owner_can_allow_hosts() -> None:
    hosts = {"inside.example": ["10.0.0.1"], "other.example": ["10.0.0.2"]}
    options: dict[str, Any] = {"hosts": hosts, "allowed": frozenset({"inside.example"})}
    with website({"/a": (200, {}, b"file")}) as (port, _):
        assert fetched("http://Inside.example/a", port=port, **options)[0] == b"file"
        with pytest.raises(InvalidImageError, match="public host"):
            fetched("http://other.example/a", port=port, **options)


@pytest.mark.parametrize("headers", [{"Content-Length": "2000"}, {}], ids=["announced", "silent"])
def test_a_file_that_is_too_long(headers: dict[str, str]) -> None:
    with (
        website({"/a": (200, headers, b"x" * 2000)}) as (port, _),
        pytest.raises(ImageTooLargeError, match="1,000 bytes"),
    ):
        fetched("http://images.example/a", port=port)


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
def test_only_a_success_is_an_image(status: int) -> None:
    with website({"/a": (status, {}, b"")}) as (port, _):
        if status == 204:
            assert fetched("http://images.example/a", port=port)[0] == b""
            return
        with pytest.raises(InvalidImageError, match=str(status)):
            fetched("http://images.example/a", port=port)


def test_everything_together_has_a_time_limit() -> None:
    async def slow(_: str, __: int) -> list[str]:
        await anyio.sleep(30)
        return [PUBLIC]

    fetcher = ImageFetcher(max_bytes=10, seconds=0.1, backend=GuardedBackend(resolve=slow))
    with pytest.raises(InvalidImageError, match=r"within 0\.1 seconds"):
        anyio.run(fetcher.fetch, "http://images.example/a")


@pytest.mark.parametrize(
    "act", [lambda socket: socket.close(), lambda socket: socket.send(b"??\r\n\r\n")]
)
def test_a_server_that_speaks_no_http(act: Callable[[Any], Any]) -> None:
    class Rude(Answers):
        def handle(self) -> None:
            act(self.connection)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Rude)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.raises(InvalidImageError, match="can be fetched"):
        fetched("http://images.example/a", port=server.server_address[1])
    server.shutdown()
    server.server_close()


def test_a_url_in_a_request(start_api: StartApi) -> None:
    with website({"/discs.png": (200, {}, png())}) as (port, asked):
        image = {"type": "url", "value": f"http://127.0.0.1:{port}/discs.png"}
        refused = start_api().embed(image)
        assert refused.status_code == 422
        assert refused.json()["detail"][0]["loc"] == ["body", "image", "value"]
        assert asked == []
        allowed = start_api(Settings(allowed_hosts=frozenset({"127.0.0.1"})))
        assert allowed.embed(image).status_code == 200
