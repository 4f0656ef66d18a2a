"""The service is there before the weights are, and others may take their place."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

import pytest

from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import (
    BusyError,
    CheckpointError,
    InvalidInputError,
    LoadingError,
    PlaygroundError,
    WeightsUnavailableError,
)
from sam3_playground.pipeline.service import Say, SegmenterService, State
from tests.fakes import FakeSegmenter

FAKE = FakeSegmenter()


def test_it_is_loading_then_ready() -> None:
    go_on = threading.Event()

    def load(say: Say) -> Segmenter:
        say("half way")
        go_on.wait(5)
        return FAKE

    service = SegmenterService(load)
    service.start()
    with pytest.raises(LoadingError, match="still loading: half way"):
        _ = service.current
    assert (service.status.state, service.status.message) == (State.LOADING, "half way")
    go_on.set()
    until_said()
    status = service.status
    assert service.current is FAKE
    assert status.state is State.READY
    assert status.bundled
    assert status.note == "a note"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (CheckpointError("broken file"), CheckpointError),
        # A device: no fault of the caller, whatever it was to the owner.
        (InvalidInputError("broken file"), WeightsUnavailableError),
    ],
)
def test_a_failed_load_is_told_to_every_caller(
    failure: PlaygroundError, told: type[PlaygroundError], caplog: pytest.LogCaptureFixture
) -> None:
    service = loaded(failure)
    for _ in range(2):
        with pytest.raises(told, match="broken file"):
            _ = service.current
    assert service.status.state is State.FAILED
    assert service.status.message == "broken file"
    assert caplog.messages == ["no weights run: broken file"]


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("a word of torch\nand more"),
        OSError(5, "a word of torch"),
        KeyError("a word of torch"),
        RecursionError("a word of torch"),
        AssertionError("a word of torch"),
        SystemExit("a word of torch"),
        KeyboardInterrupt("a word of torch"),
        GeneratorExit("a word of torch"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_loading_ends_whatever_is_raised(
    failure: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what it was, in one line; visitors are told in words."""
    service = loaded(failure)
    assert service.status.state is State.FAILED
    with pytest.raises(PlaygroundError, match="weights could not be loaded; ") as refusal:
        _ = service.current
    assert "torch" not in str(refusal.value)
    (what, _) = caplog.messages
    assert re.fullmatch("loading the weights raised .* in load, line [0-9]+: .*a word.*", what)
    assert {record.levelname for record in caplog.records} == {"ERROR"}


@pytest.mark.parametrize("failure", [MemoryError(), RuntimeError("can't allocate memory: 4 GB")])
def test_want_of_memory_is_called_so(failure: Exception) -> None:
    assert loaded(failure).status.message == "the weights could not be loaded: too little memory"


def loaded(failure: BaseException) -> SegmenterService:
    """A service whose loading has ended so."""

    def load(_: Say) -> Any:
        raise failure

    service = SegmenterService(load)
    service.start()
    until_said()
    return service


def until_said() -> None:
    """The log's last line is written after the callers were let go."""
    for thread in threading.enumerate():
        if thread.name in {"load-weights", "change-weights"}:
            thread.join(20)


@pytest.mark.parametrize(("fallback", "level"), [(True, "WARNING"), (False, "INFO")])
def test_what_runs_is_told_and_loudly_if_it_is_not_what_was_asked_for(
    fallback: bool, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeSegmenter()
    fake.weights = replace(fake.weights, fallback=fallback)
    with caplog.at_level("INFO"):
        service = SegmenterService.of(fake)
    status = service.status
    assert (status.weights, status.fallback) == ("fake", fallback)
    said = [(record.levelname, record.message) for record in caplog.records]
    assert said == [("INFO", status.message), (level, "a note")]


class Others:
    """Weights that come when the test lets them."""

    def __init__(self, outcome: Segmenter | BaseException) -> None:
        self.segmenter = outcome
        self.go_on = threading.Event()
        self.begun = threading.Event()

    def load(self, say: Say) -> Segmenter:
        say("half way")
        self.begun.set()
        assert self.go_on.wait(20)
        if isinstance(self.segmenter, BaseException):
            raise self.segmenter
        return self.segmenter


def test_the_former_ones_answer_until_others_are_there() -> None:
    service, others = SegmenterService.of(FAKE), Others(FakeSegmenter())
    service.change(others.load)
    assert others.begun.wait(20)
    assert service.current is FAKE
    assert (service.status.state, service.status.coming) == (State.READY, "half way")
    with pytest.raises(BusyError, match="others are on their way"):
        service.change(others.load)
    others.go_on.set()
    until_said()
    assert service.current is others.segmenter
    assert (service.status.coming, service.status.refused) == ("", "")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (CheckpointError("broken file"), "broken file"),
        (InvalidInputError("no such device"), "no such device"),
        (MemoryError(), "the weights could not be loaded: too little memory"),
        (SystemExit("a word of torch"), "the weights could not be loaded; the server's log"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_the_former_ones_stay_if_others_fail(failure: BaseException, said: str) -> None:
    service, others = SegmenterService.of(FAKE), Others(failure)
    others.go_on.set()
    for _ in range(2):  # after a failure one may try again
        service.change(others.load)
        until_said()
        assert service.current is FAKE
        assert service.status.state is State.READY
        assert service.status.refused.startswith(said)
    others.segmenter = FakeSegmenter()
    service.change(others.load)
    until_said()
    assert service.current is others.segmenter
    assert service.status.refused == ""


def test_others_take_the_place_of_none() -> None:
    service, others = loaded(CheckpointError("broken file")), Others(CheckpointError("worse"))
    others.go_on.set()
    service.change(others.load)
    until_said()
    assert (service.status.state, service.status.refused) == (State.FAILED, "worse")
    others.segmenter = FakeSegmenter()
    service.change(others.load)
    until_said()
    assert service.current is others.segmenter
    assert service.status.state is State.READY


def test_others_do_not_overtake_the_first() -> None:
    first, others = Others(FAKE), Others(FakeSegmenter())
    service = SegmenterService(first.load)
    service.start()
    assert first.begun.wait(20)
    with pytest.raises(BusyError):
        service.change(others.load)
    first.go_on.set()
    until_said()
    assert service.current is FAKE
