"""A segmenter that loads in the background and lets only so many callers wait."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from sam3_playground.errors import (
    BusyError,
    InvalidInputError,
    PlaygroundError,
    WeightsUnavailableError,
)
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.weights import Say

Load = Callable[[Say], Segmenter]

_log = logging.getLogger(__name__)


class State(Enum):
    """Where the service stands."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class ServiceStatus:
    """What to tell people.

    Attributes:
        state: Loading, ready or failed.
        message: The last thing that loading said; once ready, which weights run and where.
        note: What to know or do about the weights; empty if nothing.
        bundled: Whether the bundled tiny checkpoint runs; False until ready.
        weights: The name of the weights that run: a hub id, a file's name or "tiny"; empty
            until ready.
        fallback: Whether they stand in the place of others that failed, as the note says.
    """

    state: State
    message: str
    note: str = ""
    bundled: bool = False
    weights: str = ""
    fallback: bool = False


class SegmenterService:
    """One segmenter for all visitors and requests of a process.

    Args:
        load: Makes the segmenter; told where to report progress.
        max_waiting: Callers that may hold or wait for the network at once.
    """

    def __init__(self, load: Load, *, max_waiting: int = 32) -> None:
        self._load = load
        self._segmenter: Segmenter | None = None
        self._failure: PlaygroundError | None = None
        self._message = "starting"
        self._done = threading.Event()
        self._places = threading.BoundedSemaphore(max_waiting)
        self._max_waiting = max_waiting

    @classmethod
    def of(cls, segmenter: Segmenter, *, max_waiting: int = 32) -> SegmenterService:
        """A service that is ready at once."""
        service = cls(lambda _say: segmenter, max_waiting=max_waiting)
        service._work()
        return service

    def start(self) -> None:
        """Begin to load in a thread; returns at once."""
        threading.Thread(target=self._work, name="load-weights", daemon=True).start()

    def _work(self) -> None:
        """Load: afterwards the service is ready, or has failed.

        A boundary: whatever loading raises, nobody may wait for weights that never come.
        """
        try:
            self._segmenter = self._load(self._say)
        except InvalidInputError as failure:
            # The owner's option, such as a device; no fault of those who ask.
            self._failure = WeightsUnavailableError(str(failure))
        except PlaygroundError as failure:
            self._failure = failure
        except BaseException as failure:  # noqa: BLE001 (ends this thread's work, not the process)
            wants_memory = isinstance(failure, MemoryError) or "memory" in str(failure).lower()
            self._failure = PlaygroundError(
                "the weights could not be loaded"
                + (": too little memory" if wants_memory else "; the server's log says more")
            )
            _log.error("%s", _described(failure))
        finally:
            self._done.set()
        self._tell_outcome()

    def _say(self, line: str) -> None:
        self._message = line
        _log.info("%s", line)

    def _tell_outcome(self) -> None:
        status = self.status
        if status.state is State.FAILED:
            _log.error("no weights run: %s", status.message)
            return
        _log.info("%s", status.message)
        if status.note:
            _log.log(logging.WARNING if status.fallback else logging.INFO, "%s", status.note)

    @property
    def status(self) -> ServiceStatus:
        """Where it stands now."""
        if self._segmenter is not None:
            weights = self._segmenter.weights
            where = f"{weights.summary} on {self._segmenter.device}"
            return ServiceStatus(
                State.READY, where, weights.note, weights.bundled, weights.name, weights.fallback
            )
        if self._failure is not None:
            return ServiceStatus(State.FAILED, str(self._failure))
        return ServiceStatus(State.LOADING, self._message)

    @contextmanager
    def turn(self, *, wait_seconds: float | None = None) -> Iterator[Segmenter]:
        """The segmenter, for the length of the block.

        Args:
            wait_seconds: How long to wait for the weights to be loaded; None waits on.

        Raises:
            BusyError: Too many callers, or the weights are still loading.
            PlaygroundError: Loading failed.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError(
                f"expected fewer than {self._max_waiting} requests at once: try again in a moment"
            )
        try:
            if not self._done.wait(wait_seconds):
                raise BusyError(f"the weights are still loading: {self._message}")
            if self._segmenter is None:
                raise self._failure or PlaygroundError("the weights could not be loaded")
            yield self._segmenter
        finally:
            self._places.release()


def _described(failure: BaseException) -> str:
    """One line for the owner: what was raised, and where."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    words = str(failure).strip().partition("\n")[0]
    return f"loading the weights raised {type(failure).__name__}{place}: {words}"
