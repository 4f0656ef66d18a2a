"""A server in the place of ZeroGPU's own, which hands out GPUs that there are none of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class _Device(BaseHTTPRequestHandler):
    """Hands out GPUs that there are none of, as ZeroGPU's own server answers."""

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query)))  # type: ignore[attr-defined]
        body = (
            b'{"idle": true, "nvidiaIndex": 0, "nvidiaUUID": "none", "allowToken": "t"}'
            if parts.path == "/schedule"
            else b"{}"
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def device_server() -> Iterator[tuple[str, list[tuple[str, dict[str, list[str]]]]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Device)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
