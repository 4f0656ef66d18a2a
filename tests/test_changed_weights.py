"""Weights that change while the server runs: no answer is of two networks, none of the former."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Progress, Segmenter, Timings
from sam3_playground.core.steps import Step
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from tests.api.conftest import StartApi, starting
from tests.asks import concept_ask, object_ask
from tests.fakes import FakeSegmenter, disc_image
from tests.pipeline.test_service import until_said

PICTURE = disc_image([("red", 40, 60, 20), ("green", 110, 60, 20)])


def called(name: str) -> FakeSegmenter:
    """A segmenter whose weights have this name."""
    made = FakeSegmenter()
    made.weights = type(made.weights)(name, bundled=False, path=Path(name))
    return made


def change(service: SegmenterService, segmenter: FakeSegmenter) -> None:
    service.change(lambda _say: cast("Segmenter", segmenter))
    until_said()
    assert service.current is cast("Segmenter", segmenter)


@pytest.fixture
def start() -> Iterator[StartApi]:
    with starting() as begin:
        yield begin


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("uploads") / "discs.png"
    Image.fromarray(PICTURE.pixels).save(path)
    return path


@pytest.mark.parametrize("mode", ["concepts", "objects"])
def test_the_page_asks_the_others_what_the_former_said(mode: str, path: Path) -> None:
    one, other = called("one"), called("other")
    service, sessions = SegmenterService.of(cast("Segmenter", one)), Sessions()
    responder = Responder(service, Settings(), Path)

    def answer() -> dict[str, Any]:
        ask: Ask = (
            concept_ask(path, ConceptPrompt("red"), ConceptPrompt("green"))
            if mode == "concepts"
            else object_ask(path, Step(VisualPrompt((Click(40, 60),))))
        )
        *_, last = responder.respond(ask, sessions.of("visitor"))
        return cast("dict[str, Any]", last)

    answer()
    answer()
    assert len(one.calls) == 1
    change(service, other)
    answer()
    answer()
    assert len(one.calls) == 1
    assert len(other.calls) == 1
    # Who goes back is answered by a network that has said nothing yet.
    change(service, again := called("one"))
    answer()
    assert len(again.calls) == 1


class Changing(FakeSegmenter):
    """Encodes an image, and has its place taken meanwhile."""

    def __init__(self, other: FakeSegmenter) -> None:
        super().__init__()
        self.weights = called("changing").weights
        self.other = other
        self.service: SegmenterService | None = None

    def _lose(self) -> None:
        if self.service is not None:
            change(self.service, self.other)
            self.service = None

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        """Encode it."""
        timings = super().embed(image, progress)
        self._lose()
        return timings

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], **options: Any
    ) -> Any:
        """Find them."""
        assert self.service is None, "it was changed before this"
        return super().segment_concepts(image, prompts, **options)


def test_an_answer_that_was_begun_is_of_one_network(path: Path, start: StartApi) -> None:
    other = called("other")
    former = Changing(other)
    former.service = service = SegmenterService.of(cast("Segmenter", former))
    responder = Responder(service, Settings(), Path)
    list(responder.respond(concept_ask(path, ConceptPrompt("red")), Sessions().of("one")))
    assert (len(former.calls), len(other.calls)) == (1, 0)
    former = Changing(other)
    former.service = service = SegmenterService.of(cast("Segmenter", former))
    api = start(service=service)
    answer = api.concept({"type": "text", "text": "red"})
    assert answer.headers["x-sam3-weights"] == "changing"
    assert answer.json()["resolved_model"]["model_id"] == "changing"
    answer = api.concept({"type": "text", "text": "red"})
    assert answer.headers["x-sam3-weights"] == "other"


class Remembering(FakeSegmenter):
    """Notes whether it was given logits to refine."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[bool] = []

    def segment_visual(self, image: RgbImage, prompt: VisualPrompt, **options: Any) -> Any:
        """Cut it out."""
        self.given.append(options["mask_input"] is not None)
        return super().segment_visual(image, prompt, **options)


def test_saved_logits_are_the_network_s_own(start: StartApi) -> None:
    one, other = Remembering(), Remembering()
    service = SegmenterService.of(cast("Segmenter", one))
    api = start(Settings(api_keys=frozenset({"k"})), service=service)
    api.http.headers["authorization"] = "Bearer k"
    points = [{"x": x, "y": 60, "positive": True} for x in (30, 40, 50)]

    def ask(count: int) -> None:
        prompts = {"prompts": [{"points": points[:count]}]}
        wishes = {"save_logits_to_cache": True, "load_logits_from_cache": True}
        assert api.visual(prompts, **wishes).status_code == 200

    ask(1)
    ask(2)
    change(service, other)
    ask(3)
    assert one.given == [False, True]
    assert other.given == [False]
