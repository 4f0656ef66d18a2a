"""A real server for the tests: uvicorn in a thread, over a segmenter that finds discs."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from sam3_playground.api import build_app
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.pipeline.service import SegmenterService
from tests.fakes import FakeSegmenter, disc_image

DISCS = (("red", 40, 40, 20), ("red", 110, 60, 25), ("blue", 60, 95, 15))
PICTURE = disc_image(DISCS)


def png(image: RgbImage = PICTURE) -> bytes:
    """The image as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image.pixels).save(file, "PNG")
    return file.getvalue()


def base64_image(data: bytes | None = None) -> dict[str, str]:
    """A file as a request carries it; the picture of discs where none is given."""
    return {"type": "base64", "value": base64.b64encode(png() if data is None else data).decode()}


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The app behind a port of its own; its base URL."""
    config = uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("expected the server to start within 20 seconds")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@dataclass
class Api:
    """A running API.

    Attributes:
        url: Where it answers.
        http: A client of it.
        segmenter: What works behind it.
        app: The app.
    """

    url: str
    http: httpx.Client
    segmenter: FakeSegmenter
    app: FastAPI

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        """As Python's own JSON has it, NaN and all; bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"content-type": "application/json"} | options.pop("headers", {})
        return self.http.post(path, content=content, headers=headers, **options)

    def concept(self, *prompts: dict[str, Any], **fields: Any) -> httpx.Response:
        body = {"image": base64_image(), "prompts": list(prompts), **fields}
        return self.post("/sam3/concept_segment", body)

    def visual(self, prompts: Any, **fields: Any) -> httpx.Response:
        body = {"image": base64_image(), "prompts": prompts, **fields}
        return self.post("/sam3/visual_segment", body)

    def embed(self, image: Any = None, **fields: Any) -> httpx.Response:
        body = {"image": image or base64_image(), **fields}
        return self.post("/sam3/embed_image", body)


StartApi = Callable[..., Api]


@contextmanager
def starting() -> Iterator[StartApi]:
    with ExitStack() as stack:

        def start(
            settings: Settings | None = None,
            *,
            segmenter: FakeSegmenter | None = None,
            service: SegmenterService | None = None,
            fetcher: Any = None,
        ) -> Api:
            segmenter = segmenter or FakeSegmenter()
            service = service or SegmenterService.of(cast("Segmenter", segmenter))
            app = build_app(service, settings or Settings(), fetcher=fetcher)
            url = stack.enter_context(running(app))
            http = stack.enter_context(httpx.Client(base_url=url, timeout=30, trust_env=False))
            return Api(url, http, segmenter, app)

        yield start


@pytest.fixture
def start_api() -> Iterator[StartApi]:
    """Starts APIs of one's own settings; they stop after the test."""
    with starting() as start:
        yield start


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """One API of default settings for the tests of a module."""
    with starting() as start:
        yield start()
