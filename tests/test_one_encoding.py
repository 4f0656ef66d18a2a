"""On every door an image is encoded once for one ask, though no embedding is kept."""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import torch
from PIL import Image

from sam3_playground.api import build_app
from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Progress
from sam3_playground.core.steps import Step
from sam3_playground.model import Embedding, Runner
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from sam3_playground.weights.resolving import WeightsInfo
from tests.api.conftest import running
from tests.asks import concept_ask, object_ask
from tests.model.conftest import SMALL, noise_image, random_network

FIRST = Step(VisualPrompt((Click(30, 40),)))
STEPS = (FIRST, Step(VisualPrompt((Click(30, 40), Click(50, 60))), base=FIRST))


class CountingRunner(Runner):
    """Counts how often it encodes an image."""

    encoded = 0

    def encode(self, image: RgbImage, progress: Progress | None = None) -> Embedding:
        self.encoded += 1
        return super().encode(image, progress)


@pytest.fixture(scope="module")
def counting() -> CountingRunner:
    return CountingRunner(random_network(config=SMALL), SMALL, torch.device("cpu"))


@pytest.fixture(scope="module")
def counted(counting: CountingRunner) -> LocalSegmenter:
    """Keeps no embedding."""
    info = WeightsInfo("random", bundled=False, path=Path("random"))
    return LocalSegmenter(counting, info, cache_bytes=0)


@pytest.fixture
def encodings(counted: LocalSegmenter, counting: CountingRunner) -> Iterator[Callable[[], int]]:
    """How often an image was encoded since the test began."""
    before = counting.encoded
    yield lambda: counting.encoded - before
    assert len(counted.cache) == 0
    assert not counted.cache._holds


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("uploads") / "noise.png"
    Image.fromarray(noise_image(1).pixels).save(path)
    return path


@pytest.mark.parametrize(
    "ask",
    [
        lambda path: concept_ask(path, ConceptPrompt("dog"), ConceptPrompt("cat")),
        lambda path: object_ask(path, *STEPS),
        concept_ask,
    ],
    ids=["concepts", "objects", "opened"],
)
def test_on_the_page(
    ask: Callable[[Path], Ask], counted: LocalSegmenter, encodings: Callable[[], int], path: Path
) -> None:
    responder = Responder(SegmenterService.of(counted), Settings(cache_bytes=0), Path)
    sessions = Sessions()
    list(responder.respond(ask(path), sessions.of("one")))
    assert encodings() == 1
    list(responder.respond(ask(path), sessions.of("one")))
    assert encodings() == 1


def test_an_ask_that_is_given_up_holds_nothing(
    counted: LocalSegmenter, encodings: Callable[[], int], path: Path
) -> None:
    responder = Responder(SegmenterService.of(counted), Settings(cache_bytes=0), Path)
    ask = concept_ask(path, ConceptPrompt("dog"))
    parts = cast("Generator[Any]", responder.respond(ask, Sessions().of("one")))
    for part in parts:
        if str(part).startswith("Looking"):
            break
    assert encodings() == 1
    assert counted.cache._holds
    parts.close()


def test_over_rest(counted: LocalSegmenter, encodings: Callable[[], int], path: Path) -> None:
    image = {"type": "base64", "value": base64.b64encode(path.read_bytes()).decode()}
    points = [[{"x": x, "y": 40, "positive": True}] for x in (30, 60, 90)]
    body = {"image": image, "prompts": [{"points": one} for one in points], "format": "rle"}
    with running(build_app(SegmenterService.of(counted), Settings(cache_bytes=0))) as url:
        answer = httpx.post(url + "/sam3/visual_segment", json=body, trust_env=False, timeout=60)
    assert answer.status_code == 200
    assert len(answer.json()["predictions"]) == 3
    assert encodings() == 1


def test_two_asks_at_once_share_the_encoding(
    counted: LocalSegmenter, encodings: Callable[[], int]
) -> None:
    image, prompt = noise_image(2), VisualPrompt((Click(30, 40),))
    with counted.holding(image):
        counted.embed(image)
        with counted.holding(image):
            counted.segment_visual(image, prompt)
        counted.segment_visual(image, prompt)
    assert encodings() == 1
    counted.segment_visual(image, prompt)
    assert encodings() == 2
