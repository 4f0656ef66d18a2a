"""A segmenter that loads in the background and lets only so many callers wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from sam3_playground.errors import BusyError, PlaygroundError
from sam3_playground.model.segmenter import Segmenter
from sam3_playground.model.weights import Say

Load = Callable[[Say], Segmenter]


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
    """

    state: State
    message: str
    note: str = ""
    bundled: bool = False


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
        try:
            self._segmenter = self._load(self._say)
        except PlaygroundError as failure:
            self._failure = failure
        except (MemoryError, RuntimeError, OSError) as failure:
            self._failure = PlaygroundError(f"loading the weights failed: {failure}")
        finally:
            self._done.set()

    def _say(self, line: str) -> None:
        self._message = line

    @property
    def status(self) -> ServiceStatus:
        """Where it stands now."""
        if self._segmenter is not None:
            weights = self._segmenter.weights
            where = f"{weights.summary} on {self._segmenter.device}"
            return ServiceStatus(State.READY, where, weights.note, weights.bundled)
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
                raise self._failure or PlaygroundError("loading the weights failed")
            yield self._segmenter
        finally:
            self._places.release()
