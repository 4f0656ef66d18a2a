"""The service is there before the weights are, and is the segmenter that it loads."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import (
    CheckpointError,
    InvalidInputError,
    LoadingError,
    PlaygroundError,
    WeightsUnavailableError,
)
from sam3_playground.pipeline.service import Say, SegmenterService, State
from tests.fakes import FakeSegmenter, disc_image

FAKE = FakeSegmenter()
IMAGE = disc_image()
# Everything that a segmenter can be asked.
ASKS: list[Callable[[Segmenter], Any]] = [
    lambda segmenter: segmenter.weights,
    lambda segmenter: segmenter.device,
    lambda segmenter: segmenter.validate_text(ConceptPrompt("red")),
    lambda segmenter: segmenter.holding(IMAGE),
    lambda segmenter: segmenter.is_embedded(IMAGE),
    lambda segmenter: segmenter.embed(IMAGE),
    lambda segmenter: segmenter.segment_concepts(IMAGE, [ConceptPrompt("red")]),
    lambda segmenter: segmenter.segment_visual(IMAGE, VisualPrompt((Click(1, 1),))),
]


def test_it_is_loading_then_ready() -> None:
    go_on = threading.Event()

    def load(say: Say) -> Segmenter:
        say("half way")
        go_on.wait(5)
        return FAKE

    service = SegmenterService(load)
    service.start()
    for ask in ASKS:
        with pytest.raises(LoadingError, match="still loading: half way"):
            ask(service)
    assert (service.status.state, service.status.message) == (State.LOADING, "half way")
    go_on.set()
    until_said()
    status = service.status
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
            service.embed(IMAGE)
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
        service.embed(IMAGE)
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
        if thread.name == "load-weights":
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


def test_it_is_the_segmenter_that_it_loaded() -> None:
    fake = FakeSegmenter()
    service = SegmenterService.of(fake)
    for ask in ASKS:
        ask(service)
    assert [type(call).__name__ for call in fake.calls] == ["list", "VisualPrompt"]
    assert service.is_embedded(IMAGE)
    assert not service.is_embedded(disc_image([("red", 9, 9, 5)]))
    assert service.weights is fake.weights
