"""How far the encoding of an image is stands in lines, while it goes on and no longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial

import pytest

from sam3_playground.core.prompts import ConceptPrompt
from sam3_playground.core.requests import ConceptRequest
from sam3_playground.core.segmenter import Progress, Timings
from sam3_playground.pipeline import answer, progress
from sam3_playground.pipeline.local import LocalSegmenter
from sam3_playground.pipeline.progress import Course, telling
from tests.fakes import FakeSegmenter, disc_image
from tests.model.conftest import SMALL, noise_image

RED = ConceptRequest((ConceptPrompt("red"),))


class Clock:
    """Time stands still but where it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_left_follows_from_the_pace_so_far() -> None:
    clock = Clock()
    course = Course("Encoding", clock)
    assert course.line() == ""
    clock.now += 50  # until it is its turn
    course.tell(0.0)
    assert course.line() == ""
    clock.now += 14
    course.tell(0.4)
    assert course.line() == "Encoding: 40 %, about 20 s left"
    clock.now += 14
    assert course.line() == "Encoding: 40 %, about 7 s left"
    clock.now += 60  # longer than it looked
    assert course.line() == "Encoding: 40 %, about 1 s left"
    course.tell(1.0)
    assert course.line() == ""


def test_of_what_is_done_within_a_second_nothing_is_told() -> None:
    clock = Clock()
    course = Course("Encoding", clock)
    course.tell(0.0)
    clock.now += 0.2
    course.tell(0.25)
    assert course.line() == ""


def test_lines_come_while_the_work_goes_on_and_then_what_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, go_on = Clock(), [threading.Event(), threading.Event()]
    monkeypatch.setattr(progress, "Course", partial(Course, clock=clock))
    monkeypatch.setattr(progress, "PAUSE_SECONDS", 0.01)

    def work(tell: Progress) -> str:
        tell(0.0)
        clock.now += 30
        tell(0.5)
        go_on[0].wait(20)
        tell(0.75)
        go_on[1].wait(20)
        return "done"

    steps = telling("Work", work)
    assert next(steps) == "Work: 50 %, about 30 s left"
    go_on[0].set()
    assert next(steps) == "Work: 75 %, about 10 s left"
    go_on[1].set()
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == "done"


def test_what_the_work_raises_is_raised() -> None:
    def work(_tell: Progress) -> None:
        raise MemoryError("of the work")

    with pytest.raises(MemoryError, match="of the work"):
        list(telling("Work", work))


def test_who_stops_to_listen_waits_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ended, go_on = Clock(), threading.Event(), threading.Event()
    monkeypatch.setattr(progress, "Course", partial(Course, clock=clock))
    monkeypatch.setattr(progress, "PAUSE_SECONDS", 0.01)

    def work(tell: Progress) -> None:
        tell(0.0)
        clock.now += 30
        tell(0.5)
        go_on.wait(0.3)
        ended.set()

    steps = telling("Work", work)
    next(steps)
    steps.close()
    assert ended.is_set()


class Slow(FakeSegmenter):
    """Takes note of the thread that it works in."""

    def embed(self, image: object, progress: Progress | None = None) -> Timings:
        self.thread, self.progress = threading.current_thread(), progress
        return super().embed(image, progress)  # type: ignore[arg-type]


def test_only_where_somebody_listens_a_thread_of_its_own_works() -> None:
    """The others' can be interrupted at once."""
    image, slow = disc_image([("red", 40, 40, 20)]), Slow()
    answer.propose(slow, image, RED)
    assert slow.thread is threading.current_thread()
    assert slow.progress is None
    slow.embedded.clear()
    assert list(answer.proposing(slow, image, RED)) == [
        "Encoding the image",
        "Looking for red",
    ]
    assert slow.thread is not threading.current_thread()
    assert slow.progress is not None


def test_that_thread_knows_what_the_asker_knows() -> None:
    """Such as whose request it is."""
    visitor: ContextVar[str] = ContextVar("visitor", default="nobody")
    visitor.set("somebody")
    telling_it = telling("", lambda _: visitor.get())
    with pytest.raises(StopIteration) as end:
        next(telling_it)
    assert end.value.value == "somebody"


def test_a_network_tells_how_far_it_is(make_segmenter: Callable[..., LocalSegmenter]) -> None:
    segmenter, told = make_segmenter(), list[float]()
    segmenter.embed(noise_image(1), told.append)
    assert told[0] == 0.0
    assert told == sorted(set(told))
    assert len(told) == 1 + SMALL.vit_depth
    segmenter.embed(noise_image(1), told.append)
    assert len(told) == 1 + SMALL.vit_depth
