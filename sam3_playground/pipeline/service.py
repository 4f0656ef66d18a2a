"""The segmenter of a process: it loads in the background, and others may take its place."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from sam3_playground.core.segmenter import Segmenter
from sam3_playground.errors import (
    BusyError,
    InvalidInputError,
    LoadingError,
    PlaygroundError,
    WeightsUnavailableError,
)

Say = Callable[[str], None]
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
        clicks: Whether the weights answer visual prompts; True until ready.
        network: The segmenter's key; empty until ready.
        coming: The last thing that was said of others that are being loaded; empty if none are.
        refused: Why the last others did not come; empty if they did, or none were asked for.
    """

    state: State
    message: str
    note: str = ""
    bundled: bool = False
    weights: str = ""
    fallback: bool = False
    clicks: bool = True
    network: str = ""
    coming: str = ""
    refused: str = ""


class SegmenterService:
    """The segmenter for all visitors and requests of a process.

    Args:
        load: Makes the segmenter; told where to report progress.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._segmenter: Segmenter | None = None
        self._failure: PlaygroundError | None = None
        self._message = "starting"
        self._at_work = threading.Lock()
        self._coming = self._refused = ""

    @classmethod
    def of(cls, segmenter: Segmenter) -> SegmenterService:
        """A service that is ready at once."""
        service = cls(lambda _say: segmenter)
        service._begin()
        return service

    def load(self) -> None:
        """Load here and now, for what only this thread can; a failure is the status."""
        self._begin()

    def start(self) -> None:
        """Begin to load in a thread; returns at once."""
        threading.Thread(target=self._begin, name="load-weights", daemon=True).start()

    def change(self, load: Load) -> None:
        """Bring in others, in a thread; returns at once.

        Those that run answer until the others are ready, and stay if they fail.

        Args:
            load: Makes the segmenter.

        Raises:
            BusyError: Others are being loaded already.
        """
        if not self._at_work.acquire(blocking=False):
            raise BusyError(
                "expected to load one set of weights at a time: others are on their way"
            )
        self._coming, self._refused = "starting", ""
        threading.Thread(
            target=self._change, args=(load,), name="change-weights", daemon=True
        ).start()

    def forget_refusal(self) -> None:
        """Let it be over that the last others did not come."""
        self._refused = ""

    def _begin(self) -> None:
        with self._at_work:
            loaded = _outcome(self._load, self._say)
            if isinstance(loaded, PlaygroundError):
                self._failure = loaded
            else:
                self._segmenter = loaded
        self._tell_outcome()

    def _change(self, load: Load) -> None:
        try:
            loaded = _outcome(load, self._say_coming)
            if isinstance(loaded, PlaygroundError):
                self._refused = str(loaded)
                _log.error("the weights stay as they are: %s", loaded)
                return
            self._segmenter, self._failure = loaded, None
        finally:
            self._coming = ""
            self._at_work.release()
        self._tell_outcome()

    def _say(self, line: str) -> None:
        self._message = line
        _log.info("%s", line)

    def _say_coming(self, line: str) -> None:
        self._coming = line
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
        segmenter = self._segmenter
        if segmenter is not None:
            weights = segmenter.weights
            return ServiceStatus(
                State.READY,
                f"{weights.summary} on {segmenter.device}",
                weights.note,
                weights.bundled,
                weights.name,
                weights.fallback,
                weights.clicks,
                segmenter.key,
                self._coming,
                self._refused,
            )
        if self._failure is not None:
            return ServiceStatus(
                State.FAILED, str(self._failure), coming=self._coming, refused=self._refused
            )
        return ServiceStatus(State.LOADING, self._message)

    @property
    def current(self) -> Segmenter:
        """The segmenter that answers now: one for all of a request.

        Raises:
            LoadingError: It is not there yet.
            PlaygroundError: Why there is none.
        """
        if self._segmenter is not None:
            return self._segmenter
        if self._failure is not None:
            raise self._failure
        raise LoadingError(f"the weights are still loading: {self._message}")


def _outcome(load: Load, say: Say) -> Segmenter | PlaygroundError:
    """What loading gives, or why it gives nothing.

    A boundary: whatever loading raises, nobody may wait for weights that never come.
    """
    try:
        return load(say)
    except InvalidInputError as failure:
        # The owner's option, such as a device; no fault of those who ask.
        return WeightsUnavailableError(str(failure))
    except PlaygroundError as failure:
        return failure
    except BaseException as failure:  # noqa: BLE001 (ends this thread's work, not the process)
        wants_memory = isinstance(failure, MemoryError) or "memory" in str(failure).lower()
        _log.error("%s", _described(failure))
        return PlaygroundError(
            "the weights could not be loaded"
            + (": too little memory" if wants_memory else "; the server's log says more")
        )


def _described(failure: BaseException) -> str:
    """One line for the owner: what was raised, and where."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    words = str(failure).strip().partition("\n")[0]
    return f"loading the weights raised {type(failure).__name__}{place}: {words}"
