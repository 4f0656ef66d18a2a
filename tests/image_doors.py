"""The four doors through which an image file comes in, each with what it makes of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from sam3_playground.cli.main import main
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.segmenter import ConceptAnswer, Progress, Segmenter, Timings
from sam3_playground.errors import PlaygroundError
from sam3_playground.images import open_image
from sam3_playground.images.uploads import Uploads
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.layout import _updates
from sam3_playground.ui.paths import IMAGES
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.routes import page_routes
from sam3_playground.ui.scripts import Scripts
from sam3_playground.ui.session import Sessions
from tests.api.conftest import Api, base64_image, running, starting
from tests.fakes import FakeSegmenter
from tests.servers import page_state


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes:
        key: Of the pixels; empty where there are none.
        size: (height, width); (0, 0) where there is no image.
        said: The error; the file's path reads "the image" in it.
        code: Its HTTP status where the door has one, its exit code on the command line.
    """

    key: str = ""
    size: tuple[int, int] = (0, 0)
    said: str = ""
    code: int = 0


class NotingSegmenter(FakeSegmenter):
    """Notes the images that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[RgbImage] = []

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        self.seen.append(image)
        return super().embed(image, progress)

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: Any
    ) -> ConceptAnswer:
        self.seen.append(image)
        return super().segment_concepts(image, prompts, **options)

    def last(self) -> Outcome:
        image = self.seen[-1]
        self.seen.clear()
        return Outcome(image.key, image.size)


@dataclass(frozen=True)
class Doors:
    """All of them over one segmenter."""

    settings: Settings
    segmenter: NotingSegmenter
    api: Api
    page: httpx.Client
    responder: Responder

    def by_python(self, path: Path) -> Outcome:
        try:
            image = open_image(path, max_pixels=self.settings.max_pixels)
        except PlaygroundError as error:
            return Outcome(said=_without_path(str(error), path), code=error.http_status)
        return Outcome(image.key, image.size)

    def by_rest(self, path: Path) -> Outcome:
        answer = self.api.embed(base64_image(path.read_bytes()))
        if answer.status_code == 200:
            outcome = self.segmenter.last()
            assert answer.json()["image_id"] == outcome.key
            return outcome
        detail = answer.json()["detail"]
        said = detail if isinstance(detail, str) else detail[0]["msg"]
        return Outcome(said=said, code=answer.status_code)

    def by_page(self, path: Path) -> Outcome:
        taken = self.page.post(IMAGES, content=path.read_bytes())
        if taken.status_code != 200:
            return Outcome(said=taken.json()["error"], code=taken.status_code)
        *_, last = _updates(
            self.responder, Sessions(), page_state(taken.json()["id"], "red"), "visitor"
        )
        if "error" in last["answer"]:
            return Outcome(said=last["answer"]["error"])
        assert tuple(last["answer"]["image_size"]) == self.segmenter.seen[-1].size
        return self.segmenter.last()

    def by_command(self, path: Path, capsys: pytest.CaptureFixture[str]) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(["segment", str(path), "--concept", "red"])
        if not stop.value.code:
            return self.segmenter.last()
        *_, line = capsys.readouterr().err.splitlines()
        said = _without_path(line.removeprefix("error: "), path)
        return Outcome(said=said, code=cast("int", stop.value.code))


def _without_path(said: str, path: Path) -> str:
    return re.sub(re.escape(str(path)), "the image", said)


@contextmanager
def doors(folder: Path, settings: Settings | None = None) -> Iterator[Doors]:
    """The doors, open for the length of the block; the command line's by `use_segmenter`."""
    settings = settings or Settings()
    segmenter = NotingSegmenter()
    service = SegmenterService.of(cast("Segmenter", segmenter))
    uploads = Uploads(max_bytes=settings.max_image_bytes, parent=folder)
    with ExitStack() as stack:
        start = stack.enter_context(starting())
        routes = page_routes(uploads, [], Scripts({}), None, max_pixels=settings.max_pixels)
        app = Starlette(routes=routes)
        url = stack.enter_context(running(app))
        page = stack.enter_context(httpx.Client(base_url=url, timeout=30, trust_env=False))
        stack.callback(uploads.close)
        yield Doors(
            settings,
            segmenter,
            start(settings, segmenter=segmenter, service=service),
            page,
            Responder(service, settings, uploads.path),
        )


def use_segmenter(monkeypatch: pytest.MonkeyPatch, segmenter: FakeSegmenter) -> None:
    """Let the command line work with this one."""
    monkeypatch.setattr(
        "sam3_playground.pipeline.loading.load_segmenter", lambda *_, **__: segmenter
    )
