"""Requests that no page sends: to each of Gradio's endpoints, and with each kind of lie."""

from __future__ import annotations

import itertools
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.conftest import SECRET, Asked
from tests.server.endpoints import CLOSED, FORGED, LISTING, OPEN
from tests.servers import ROOT, Visitor, serving

EVIL = {"host": "evil.example"}
# A page as Gradio serves it by itself: what the forged requests are good for.
UNGUARDED = """
import sys

import gradio as gr

with gr.Blocks(analytics_enabled=False) as page:
    text = gr.Textbox()
    text.submit(lambda value: value, text, text, api_name="answer")
page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), ssr_mode=False, quiet=True)
"""


def forged_paths(path: str, forger: Asked, secret: Path) -> Iterator[str]:
    """The path with everything that a forger would fill in."""
    names = re.findall(r"{([^}]+)}", path)
    for values in itertools.product(*(FORGED.get(name, ("1",)) for name in names)):
        filled = path
        for name, value in zip(names, values, strict=True):
            word = value.replace("{url}", forger.url).replace("{file}", str(secret))
            filled = filled.replace("{" + name + "}", word, 1)
        yield filled


def send(client: httpx.Client, method: str, path: str) -> httpx.Response:
    """The path as it is, but for spaces: a client would tidy `..` away."""
    port = client.base_url.port
    asked = httpx.Request(
        method, client.base_url, extensions={"target": path.replace(" ", "%20").encode()}
    )
    asked.headers["host"] = f"127.0.0.1:{port}"
    return client.send(asked)


def test_every_endpoint_of_gradios_was_looked_at() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LISTING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    listed = {
        (method, path)
        for method, path in re.findall(r"^endpoint (\S+) (\S+)$", run.stdout, re.MULTILINE)
    }
    assert listed == OPEN | CLOSED, run.stderr
    assert not OPEN & CLOSED


@pytest.mark.parametrize(("method", "path"), sorted(CLOSED))
def test_a_closed_endpoint_is_not_there(
    method: str, path: str, visitor: Visitor, forger: Asked, secret: Path
) -> None:
    for forged in forged_paths(path, forger, secret):
        for spelled in (forged, forged + "?url=" + forger.url, "/" + forged):
            answer = send(visitor.http, method, spelled)
            assert answer.status_code == 404, spelled
            assert SECRET not in answer.content
    assert forger == []


def test_gradio_by_itself_answers_there(forger: Asked) -> None:
    """The control: what is closed would be open."""
    with (
        serving("-c", UNGUARDED) as unguarded,
        httpx.Client(base_url=unguarded, trust_env=False, timeout=30) as client,
    ):
        sent = client.post("/gradio_api/upload", files={"files": ("a.txt", SECRET)})
        assert sent.status_code == 200
        assert send(client, "GET", f"/gradio_api/file={sent.json()[0]}").content == SECRET
        assert send(client, "GET", "/gradio_api/info").status_code == 200
        assert client.post("/gradio_api/call/answer", json={"data": ["x"]}).status_code == 200
        assert send(client, "GET", f"/gradio_api/file={forger.url}").status_code != 404
        assert client.get("/", headers=EVIL).status_code == 200


@pytest.mark.parametrize(
    "folder", ["/assets/", "/static/", "/svelte/", "/page/examples/", "/page/scripts/"]
)
def test_folders_hold_their_own_files_only(folder: str, visitor: Visitor, secret: Path) -> None:
    ups = ("../" * 12, "..%2f" * 12, "%2e%2e/" * 12, "..%5c" * 12, "/", "%00/", "....//" * 12)
    for up in ups:
        for file in (secret, Path(__file__)):
            answer = send(visitor.http, "GET", folder + up + str(file)[1:])
            assert answer.status_code in {400, 403, 404}, up
            assert SECRET not in answer.content


def test_methods_that_the_page_does_not_use(visitor: Visitor) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST"):
        for path in ("/", "/config", "/gradio_api/queue/data", "/assets/a.js"):
            assert send(visitor.http, method, path).status_code in {404, 405}


@pytest.mark.parametrize(("method", "path"), sorted(OPEN))
def test_another_name_reaches_nothing(method: str, path: str, visitor: Visitor) -> None:
    answer = visitor.http.request(method, path.split("{", maxsplit=1)[0], headers=EVIL)
    assert answer.status_code == 421


def test_no_web_socket_is_served(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as wire:
        wire.sendall(
            f"GET /gradio_api/queue/data HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b"101" not in wire.recv(12)
