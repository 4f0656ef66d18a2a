"""A page served by itself, a visitor who forges what they send, and what they are after."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.servers import Visitor, discs_png, serving

SECRET = b"the owner's alone"


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    with serving("-m", "tests.browser.serve_fake") as served:
        yield served


@pytest.fixture
def visitor(url: str) -> Iterator[Visitor]:
    with Visitor(url) as someone:
        yield someone


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture of the server's with words in it."""
    path = tmp_path / "secret.png"
    path.write_bytes(discs_png() + SECRET)
    return path


class Asked(list[str]):
    """The paths that were asked of a forger's own server."""

    url = ""


@pytest.fixture
def forger() -> Iterator[Asked]:
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET)

        do_HEAD = do_GET  # noqa: N815 (the library's name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        asked.url = f"http://127.0.0.1:{server.server_port}/metadata"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield asked
        server.shutdown()
        thread.join()
