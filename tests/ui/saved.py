"""A page's requests to save, without a browser, and what stands behind them."""

from __future__ import annotations

import gc
import io
import json
import threading
import weakref
import zipfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
import numpy as np
from PIL import Image
from pycocotools.coco import COCO
from starlette.applications import Starlette

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.results import Result
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.images.uploads import Uploads
from sam3_playground.pipeline.answer import answer
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.server.faults import AnswerFaults
from sam3_playground.ui.paths import SAVE
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.saving import save_route
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from sam3_playground.ui.turns import Turns
from tests.api.conftest import running
from tests.fakes import FakeSegmenter, disc_image
from tests.servers import png

DISCS = [("red", 50, 50, 30), ("red", 150, 60, 30), ("green", 100, 150, 30)]


class Watched(FakeSegmenter):
    """Fails at "trouble"; tells how many images are alive while it works, and can be held up."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[weakref.ref[RgbImage]] = []
        self.alive: list[int] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.held_from = 0
        self.begun = threading.Semaphore(0)

    def segment_concepts(self, image: Any, prompts: Any, **options: Any) -> Any:
        if len(self.seen) >= self.held_from:
            self.begun.release()
            assert self.go_on.wait(30)
        self.seen.append(weakref.ref(image))
        gc.collect()
        self.alive.append(sum(one() is not None for one in self.seen))
        if any(prompt.text == "trouble" for prompt in prompts):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory\nmore")
        return super().segment_concepts(image, prompts, **options)


class Turned(Turns):
    """Notes who waited."""

    def __init__(self) -> None:
        super().__init__(at_once=8, max_waiting=32)
        self.taken: list[tuple[str, str]] = []

    def turn(self, visitor: str, address: str) -> Any:
        self.taken.append((visitor, address))
        return super().turn(visitor, address)


class SavingPage:
    """A page's requests to save, and what stands behind it."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.uploads = Uploads(max_bytes=10**6, parent=folder)
        stack.callback(self.uploads.close)
        self.segmenter = Watched()
        self.sessions = Sessions()
        self.turns = Turned()
        service = SegmenterService.of(cast("Segmenter", self.segmenter))
        self.responder = Responder(service, Settings(), self.uploads.path)
        route = save_route(self.responder, self.sessions, self.uploads, self.turns)
        url = stack.enter_context(running(AnswerFaults(Starlette(routes=[route]))))
        self.http = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=60))

    def upload(self, discs: list[tuple[str, int, int, int]] = DISCS) -> str:
        async def add() -> str:
            async def chunks() -> AsyncIterator[bytes]:
                yield png(disc_image(discs, 200, 220).pixels)

            return await self.uploads.add(chunks())

        return anyio.run(add)

    def post(self, *images: tuple[Any, str], formats: Any) -> httpx.Response:
        wish = [{"ask": ask, "name": name} for ask, name in images]
        return self.http.post(SAVE, content=json.dumps({"images": wish, "formats": formats}))

    def save(self, *images: tuple[Any, str], formats: list[str]) -> httpx.Response:
        saved = self.post(*images, formats=formats)
        assert saved.status_code == 200, saved.text
        return saved

    def archive(self, *images: tuple[Any, str], formats: list[str]) -> zipfile.ZipFile:
        saved = self.save(*images, formats=formats)
        assert saved.headers["content-type"] == "application/zip"
        found = zipfile.ZipFile(io.BytesIO(saved.content))
        assert found.testzip() is None
        return found

    def truth(self, state: Any) -> Result:
        """The pipeline's own answer."""
        ask = read_ask(state)
        image = RgbImage(np.asarray(Image.open(self.uploads.path(str(ask.image))), np.uint8))
        (request,) = ask.requests
        return answer(cast("Segmenter", FakeSegmenter()), image, request)


def read_coco(data: bytes, tmp_path: Path) -> COCO:
    path = tmp_path / "instances.json"
    path.write_bytes(data)
    return COCO(str(path))
