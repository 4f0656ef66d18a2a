"""What the page keeps is bounded in bytes, shared where it is the same, and never missed."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from sam3_playground.config import Settings
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.core.steps import Step
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.ask import Ask
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Session, Sessions
from tests.asks import concept_ask, object_ask
from tests.fakes import FakeSegmenter, disc_image

WIDE, HIGH = 1200, 900
IMAGE_BYTES = WIDE * HIGH * 3
DISCS = [("red", 350, 350, 250), ("red", 850, 450, 225), ("green", 600, 750, 125)]
# More than candidates take without their masks, less than those masks.
LITTLE = 2**18
RED, GREEN, BLUE = (ConceptPrompt(colour) for colour in ("red", "green", "blue"))
FIRST = Step(VisualPrompt((Click(350, 350),)), choice=1)
SECOND = Step(VisualPrompt((Click(350, 350), Click(400, 400))), base=FIRST)


@pytest.fixture(scope="module")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("uploads") / "discs.png"
    Image.fromarray(disc_image(DISCS, HIGH, WIDE).pixels).save(path)
    return path


@pytest.fixture
def segmenter() -> FakeSegmenter:
    return FakeSegmenter()


@pytest.fixture
def responder(segmenter: FakeSegmenter) -> Responder:
    return Responder(SegmenterService.of(cast("Segmenter", segmenter)), Settings(), Path)


def concepts(path: Path, *prompts: ConceptPrompt, score_threshold: float = 0.5) -> Ask:
    return concept_ask(path, *(prompts or (RED,)), score_threshold=score_threshold)


def objects(path: Path) -> Ask:
    return object_ask(path, SECOND)


def answer(responder: Responder, ask: Ask, session: Session) -> dict[str, Any]:
    """The last of what is said, without the time that it took."""
    *_, last = responder.respond(ask, session)
    return {
        name: value for name, value in cast("dict[str, Any]", last).items() if name != "timings"
    }


def another(path: Path, number: int) -> Path:
    """A file with an image of its own, of the same size."""
    other = path.with_name(f"{number}.png")
    if not other.exists():
        image = disc_image([*DISCS, ("blue", 30 * number, 30, 25)], HIGH, WIDE)
        Image.fromarray(image.pixels).save(other)
    return other


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Bytes that Python and numpy took since the test began, and still hold."""
    gc.collect()
    tracemalloc.start()

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    yield held
    tracemalloc.stop()


def test_visitors_with_the_same_image_hold_it_once(
    responder: Responder, segmenter: FakeSegmenter, discs: Path, traced: Callable[[], int]
) -> None:
    sessions = Sessions()
    answers = [
        answer(responder, concepts(discs, RED, GREEN), sessions.of(visitor)) for visitor in "abcdef"
    ]
    segmenter.calls.clear()
    assert answers == answers[:1] * 6
    kept = [sessions.of(visitor).image_at(str(discs)) for visitor in "abcdef"]
    assert kept[0] is not None
    assert {id(image) for image in kept} == {id(kept[0])}
    assert IMAGE_BYTES < sessions.byte_count < 1.5 * IMAGE_BYTES
    assert traced() < 1.5 * IMAGE_BYTES


def test_all_visitors_together_stay_under_the_bound(
    responder: Responder, discs: Path, traced: Callable[[], int]
) -> None:
    bound = 4 * IMAGE_BYTES
    sessions = Sessions(bound)
    for number in range(8):
        path = another(discs, number)
        for score in (0.5, 0.0):
            answer(
                responder,
                concepts(path, RED, GREEN, BLUE, score_threshold=score),
                sessions.of(str(number)),
            )
        answer(responder, objects(path), sessions.of(str(number)))
    assert 2 <= len(sessions) < 8
    assert IMAGE_BYTES < sessions.byte_count <= bound
    assert IMAGE_BYTES < traced() < bound + LITTLE


def test_masks_of_the_images_size_are_counted(
    responder: Responder, discs: Path, traced: Callable[[], int]
) -> None:
    session = (sessions := Sessions()).of("one")
    answer(responder, concepts(discs, BLUE), session)
    before, traced_before = sessions.byte_count, traced()
    answer(responder, concepts(discs, RED, GREEN), session)
    more = sessions.byte_count - before
    assert more > 500 * 500 + 450 * 450
    assert more >= traced() - traced_before


def test_masks_give_way_to_what_they_are_made_from(
    responder: Responder, segmenter: FakeSegmenter, discs: Path
) -> None:
    """With masks there is no room for both concepts: without them the network need not run."""
    sessions = Sessions(2 * (IMAGE_BYTES + LITTLE))
    whole = answer(responder, concepts(discs, RED, GREEN), sessions.of("one"))
    asked = len(segmenter.calls)
    assert answer(responder, concepts(discs, RED, GREEN), sessions.of("one")) == whole
    assert len(segmenter.calls) == asked
    assert sessions.byte_count < IMAGE_BYTES + LITTLE


def test_one_visitor_does_not_push_out_the_others(
    responder: Responder, segmenter: FakeSegmenter, discs: Path
) -> None:
    sessions = Sessions(5 * IMAGE_BYTES)
    answer(responder, concepts(discs), sessions.of("quiet"))
    # All that a visitor holds is let go when the image changes, so several asks at once.
    greedy = [sessions.of("greedy")] * 8
    for number, session in enumerate(greedy):
        image = RgbImage(np.full((HIGH, WIDE, 3), number, np.uint8))
        session.put(image.key, image, IMAGE_BYTES)
    assert sessions._kept.held()["greedy"] <= 2.5 * IMAGE_BYTES
    asked = len(segmenter.calls)
    answer(responder, concepts(discs), sessions.of("quiet"))
    assert len(segmenter.calls) == asked
    assert sessions.of("quiet").image_at(str(discs)) is not None


@pytest.mark.parametrize("ask", [concepts, objects])
@pytest.mark.parametrize("moment", range(4))
def test_a_visitor_forgotten_in_the_middle_misses_nothing(
    ask: Callable[[Path], Ask], moment: int, responder: Responder, discs: Path
) -> None:
    wanted = answer(responder, ask(discs), Sessions().of("one"))
    sessions = Sessions()
    for turn in range(2):  # with nothing kept, then with all of it
        parts = responder.respond(ask(discs), sessions.of("one"))
        last: Any = None
        for number, part in enumerate(parts):
            if number == moment or turn:
                sessions._kept.clear()
            last = part
        last.pop("timings")
        assert last == wanted
        answer(responder, ask(discs), sessions.of("one"))


@pytest.mark.parametrize("ask", [concepts, objects])
def test_nothing_has_to_be_kept(
    ask: Callable[[Path], Ask], responder: Responder, discs: Path
) -> None:
    sessions = Sessions(0)
    wanted = answer(responder, ask(discs), Sessions().of("one"))
    for _ in range(2):
        assert answer(responder, ask(discs), sessions.of("one")) == wanted
    assert sessions.byte_count == 0


def test_an_image_that_does_not_fit_costs_no_answers_of_the_network(
    responder: Responder, segmenter: FakeSegmenter, discs: Path
) -> None:
    sessions = Sessions(IMAGE_BYTES)  # half of it for one visitor
    first = answer(responder, concepts(discs), sessions.of("one"))
    assert answer(responder, concepts(discs), sessions.of("one")) == first
    assert sessions.of("one").image_at(str(discs)) is None
    assert len(segmenter.calls) == 1


def test_who_goes_back_to_a_former_image_asks_the_network_nothing(
    responder: Responder, segmenter: FakeSegmenter, discs: Path
) -> None:
    sessions = Sessions()
    for path in (discs, another(discs, 1)):
        answer(responder, concepts(path), sessions.of("one"))
    asked = len(segmenter.calls)
    answer(responder, concepts(discs), sessions.of("one"))
    assert len(segmenter.calls) == asked


def test_former_images_make_room_for_others(responder: Responder, discs: Path) -> None:
    sessions = Sessions(4 * IMAGE_BYTES)  # half of it for one visitor
    for number in range(4):
        answer(responder, concepts(another(discs, number)), sessions.of("one"))
    assert sessions.byte_count <= 2 * IMAGE_BYTES
    assert sessions.of("one").image_at(str(another(discs, 3))) is not None
    assert sessions.of("one").image_at(str(another(discs, 0))) is None


def test_who_left_holds_nothing_not_even_by_an_answer_on_its_way(
    responder: Responder, discs: Path
) -> None:
    sessions = Sessions()
    parts = responder.respond(concepts(discs), sessions.of("one"))
    next(parts)
    answer(responder, concepts(discs), sessions.of("two"))
    sessions.drop("one")
    sessions.drop("nobody")
    *_, last = parts
    assert cast("dict[str, Any]", last)["rows"]
    assert len(sessions) == 1
    sessions.drop("two")
    assert (len(sessions), sessions.byte_count) == (0, 0)
    answer(responder, concepts(discs), sessions.of("one"))  # back again
    assert len(sessions) == 1


def test_an_idle_visitor_is_forgotten(responder: Responder, discs: Path) -> None:
    now = 0.0
    sessions = Sessions(idle_seconds=60, clock=lambda: now)
    answer(responder, concepts(discs), sessions.of("idle"))
    now = 50.0
    answer(responder, concepts(another(discs, 1)), sessions.of("busy"))
    now = 70.0
    assert len(sessions) == 1
    assert sessions.of("busy").image_at(str(another(discs, 1))) is not None
    assert sessions.of("idle").image_at(str(discs)) is None


def test_a_visitor_gets_no_image_by_anothers_path(responder: Responder, discs: Path) -> None:
    sessions = Sessions()
    answer(responder, concepts(discs), sessions.of("one"))
    assert sessions.of("two").image_at(str(discs)) is None
