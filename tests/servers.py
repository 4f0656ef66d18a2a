"""Servers of this Python in processes of their own, and a visitor without a browser."""

from __future__ import annotations

import io
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx
import pytest
from PIL import Image
from typing_extensions import Self

from tests.fakes import disc_image

ROOT = Path(__file__).parents[1]
START_SECONDS = 120
JOIN = "/gradio_api/queue/join"

_ports = SystemRandom()  # a seed would give every process the same ones


@contextmanager
def serving(
    *command: str, after: tuple[str, ...] = (), port: int = 0, **environment: str
) -> Iterator[str]:
    """A server process of this Python, given its port and then `after`: its URL."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, *command, str(port), *after],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port for a server that is yet to start, among those that no system hands out by itself.

    A port that the system chose would be free to be chosen again, for any connection or server of
    the tests that run beside this one, until the server that it is for has started.
    """
    while True:
        port = _ports.randrange(11_000, 32_768)  # 10080 no browser opens
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    for _ in range(START_SECONDS * 4):
        if process.poll() is not None:
            break
        try:
            httpx.head(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server did not start")


class Visitor:
    """Somebody who sends the page's requests by hand, as a forger does too."""

    _names = itertools.count(1)

    def __init__(self, url: str, **options: Any) -> None:
        self.http = httpx.Client(
            base_url=url, trust_env=False, timeout=httpx.Timeout(60), **options
        )
        self.name = f"visitor{next(self._names)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def upload(self, data: bytes) -> str:
        answer = self.http.post("/page/images", content=data)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def join(self, value: Any, **changes: Any) -> httpx.Response:
        body = {"data": [value], "fn_index": 0, "session_hash": self.name} | changes
        content = json.dumps(body)  # with what httpx would refuse: lone surrogates, infinities
        return self.http.post(JOIN, content=content, headers={"content-type": "application/json"})

    def answer(self) -> dict[str, Any]:
        """The last answer that the canvas gets from what was joined."""
        last: dict[str, Any] = {}
        path = f"/gradio_api/queue/data?session_hash={self.name}"
        with self.http.stream("GET", path) as lines:
            for line in lines.iter_lines():
                if line.startswith("data: "):
                    last = _answer_in(json.loads(line[6:])) or last
        return last

    def ask(self, value: Any) -> dict[str, Any]:
        joined = self.join(value)
        assert joined.status_code == 200, joined.text
        return self.answer()


def page_state(image: Any, *texts: str, **changes: Any) -> dict[str, Any]:
    """What the page sends of itself for an upload's id and some words."""
    style = {"masks": True, "outlines": True, "boxes": False, "labels": True}
    return {
        "serial": 1,
        "mode": "concepts",
        "image": image,
        "preview": False,
        "concepts": [
            {"id": n + 1, "slot": n, "text": text, "exemplars": [], "threshold": None}
            for n, text in enumerate(texts)
        ],
        "score_threshold": 0.5,
        "nms": {"mode": "within", "iou": 0.7},
        "cleanup": {},
        "style": style | {"colour_by": "concept", "opacity": 0.5, "label_scale": 1.0},
        "hidden": [],
        "objects": [],
        "active": None,
    } | changes


def discs_png() -> bytes:
    """Two red discs and a green one."""
    discs = [("red", 50, 50, 30), ("red", 150, 60, 30), ("green", 100, 150, 30)]
    return png(disc_image(discs, 200, 200).pixels)


def png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _answer_in(message: dict[str, Any]) -> dict[str, Any] | None:
    if message.get("msg") != "process_completed":
        return None
    for update in message["output"].get("data") or ():
        answer = update.get("props", {}).get("answer") if isinstance(update, dict) else None
        if answer:
            return dict(answer)
    return None
