"""Page and API over a fake segmenter, with a route that tells what the segmenter was asked.

Run as `python -m tests.browser.serve_fake PORT [FILE]`: loading ends once there is such a file.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sam3_playground.api import build_routes, unlocked_paths
from sam3_playground.config import Settings
from sam3_playground.core.prompts import VisualPrompt
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import InvalidImageError
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui import build_page, launch_page
from tests.fakes import FakeSegmenter


class TroubledSegmenter(FakeSegmenter):
    """Runs out of memory when it is asked for trouble; notes whether it was given a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.refined: list[bool] = []
        self.waiting = 0

    def segment_visual(self, *arguments: Any, **options: Any) -> Any:
        self.refined.append(options.get("mask_input") is not None)
        return super().segment_visual(*arguments, **options)

    def segment_concepts(self, image: Any, prompts: Any, **options: Any) -> Any:
        if any(prompt.text == "trouble" for prompt in prompts):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        for prompt in prompts:
            word, *rest = (prompt.text or "").split() or [""]
            if word == "wait":
                self.waiting += 1
                time.sleep(float(rest[0]))
        return super().segment_concepts(image, prompts, **options)


def main(port: int, loads_once: str | None = None) -> None:
    segmenter = TroubledSegmenter()

    def load(say: Any) -> Segmenter:
        say("reading the fake weights")
        while loads_once and not Path(loads_once).exists():
            time.sleep(0.1)
        return cast(Segmenter, segmenter)

    async def calls(_: Request) -> JSONResponse:
        prompts = [call for call in segmenter.calls if isinstance(call, VisualPrompt)]
        clicks = [[(click.x, click.y, click.positive) for click in one.clicks] for one in prompts]
        boxes = [one.box_xyxy for one in prompts]
        asked = {"clicks": clicks, "boxes": boxes, "refined": segmenter.refined}
        asked["waiting"] = segmenter.waiting
        return JSONResponse({"count": len(segmenter.calls), **asked})

    async def fault(_: Request) -> JSONResponse:
        class UnheardOfError(Exception):
            """Nobody's."""

        raise UnheardOfError("a secret of the server's")

    async def fetch(url: str) -> bytes:
        raise InvalidImageError(f"expected a public address, got {url}")

    service = SegmenterService(load)
    service.start()
    settings = replace(Settings.from_environment(), max_pixels=20_000_000)
    page = build_page(service, settings, fetch_image=fetch)
    routes = [Route("/calls", calls), Route("/fault", fault), *build_routes(service, settings)]
    launch_page(
        page, routes, settings, host="127.0.0.1", port=port, unlocked=unlocked_paths(settings)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
