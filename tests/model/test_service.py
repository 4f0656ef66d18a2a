"""The service is there before the weights are, and lets only so many in."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from sam3_playground.errors import BusyError, CheckpointError, PlaygroundError
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.service import SegmenterService, State
from sam3_playground.model.weights import Say
from tests.fakes import FakeSegmenter

FAKE = cast("Segmenter", FakeSegmenter())


def test_it_is_loading_then_ready() -> None:
    go_on = threading.Event()

    def load(say: Say) -> Segmenter:
        say("half way")
        go_on.wait(5)
        return FAKE

    service = SegmenterService(load)
    service.start()
    with pytest.raises(BusyError, match="still loading"), service.turn(wait_seconds=0.05):
        pass
    assert (service.status.state, service.status.message) == (State.LOADING, "half way")
    go_on.set()
    with service.turn(wait_seconds=5) as segmenter:
        assert segmenter is FAKE
    status = service.status
    assert status.state is State.READY
    assert status.bundled
    assert status.note == "a note"


@pytest.mark.parametrize("failure", [CheckpointError("broken file"), RuntimeError("broken file")])
def test_a_failed_load_is_told_to_every_caller(failure: Exception) -> None:
    def load(_: Say) -> Any:
        raise failure

    service = SegmenterService(load)
    service.start()
    with pytest.raises(PlaygroundError, match="broken file"), service.turn(wait_seconds=5):
        pass
    assert service.status.state is State.FAILED


def test_more_callers_than_places_are_sent_away_and_places_come_back() -> None:
    service = SegmenterService.of(FAKE, max_waiting=1)
    with service.turn(), pytest.raises(BusyError, match="fewer than 1"), service.turn():
        pass
    with pytest.raises(ValueError, match="mine"), service.turn():
        raise ValueError("mine")
    with service.turn() as segmenter:
        assert segmenter is FAKE
