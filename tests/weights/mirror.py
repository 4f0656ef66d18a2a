"""A server of the tests' own that stands for a mirror, for the hub, and for what is behind it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PICKLED = b"\x80\x02"  # what a file as torch wrote them long ago begins with


@dataclass
class Served:
    """A file and how it is served.

    Attributes:
        drops: After how many bytes of the body the connection is cut, answer by answer; then
            not any more.
        pieces: In how many parts the body is sent, with so many seconds of `pause` after each.
        token: Without it, the hub's gate is closed.
    """

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = '"one"'
    kind: str = "application/octet-stream"
    drops: list[int] = field(default_factory=list)
    ranges: bool = True
    heeds_if_range: bool = True
    chunked: bool = False
    token: str | None = None
    pieces: int = 1
    pause: float = 0.0


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Mirror:
    url: str
    files: dict[str, Served] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def ranges(self) -> list[str | None]:
        """What part each GET asked for."""
        return [it.headers.get("range") for it in self.asked if it.method == "GET"]


@contextmanager
def mirror(name: str = "127.0.0.1") -> Iterator[Mirror]:
    """A server on a port of loopback by that name, with its files to be put in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    _Handler.mirrors[server.server_port] = found = Mirror(f"http://{name}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    mirrors: dict[int, Mirror] = {}  # noqa: RUF012 (by port)
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.close_connection = True
        here = self.mirrors[self.server.server_address[1]]  # type: ignore[index]
        headers = {name.lower(): value for name, value in self.headers.items()}
        here.asked.append(Asked(self.command, self.path, headers))
        served = here.files.get(self.path)
        if served is None:
            self._send(404, {"X-Error-Code": "EntryNotFound", "Content-Length": "0"})
        elif served.token is not None and headers.get("authorization") != f"Bearer {served.token}":
            self._send(403, {"X-Error-Code": "GatedRepo", "Content-Length": "0"})
        else:
            self._serve(served, headers)

    do_HEAD = do_GET  # noqa: N815 (http.server's name)

    def _serve(self, served: Served, asked: dict[str, str]) -> None:
        headers = {"Content-Type": served.kind} | served.headers
        if served.etag is not None:
            headers["ETag"] = served.etag
        status, body = served.status, served.content
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.get("range", ""))
        same = not served.heeds_if_range or asked.get("if-range") in {None, served.etag}
        if wanted and served.ranges and same and status == 200:
            start, size = int(wanted[1]), len(body)
            status, body = 206, body[start:]
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            if start >= size:
                status, body = 416, b""
                headers["Content-Range"] = f"bytes */{size}"
        if served.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers.setdefault("Content-Length", str(len(body)))
        self._send(status, headers)
        if self.command == "HEAD":
            return
        cut = served.drops.pop(0) if served.drops else len(body)
        with suppress(OSError):  # whoever asked has gone
            part = body[:cut]
            if served.chunked and part:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            else:
                self._write(part, served)
            if served.chunked and cut == len(body):
                self.wfile.write(b"0\r\n\r\n")

    def _write(self, part: bytes, served: Served) -> None:
        step = max(1, -(-len(part) // served.pieces))
        for start in range(0, len(part), step):
            self.wfile.write(part[start : start + step])
            time.sleep(served.pause)

    def _send(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")  # so that no client counts on it
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")  # else the next request may come to a closed one
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at `asked`."""
