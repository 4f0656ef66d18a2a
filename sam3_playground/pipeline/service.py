"""A segmenter that loads in the background and lets only so many callers wait."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sam3_playground.core.candidates import SCORE_FLOOR
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import (
    ConceptAnswer,
    Progress,
    RunningWeights,
    Segmenter,
    Timings,
    VisualAnswer,
)
from sam3_playground.errors import (
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
    """

    state: State
    message: str
    note: str = ""
    bundled: bool = False
    weights: str = ""
    fallback: bool = False


class SegmenterService:
    """A segmenter, for all visitors and requests of a process, that loads in the background.

    Until it is loaded it raises `LoadingError` at whatever it is asked, and where loading
    failed, why.

    Args:
        load: Makes the segmenter; told where to report progress.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._segmenter: Segmenter | None = None
        self._failure: PlaygroundError | None = None
        self._message = "starting"

    @classmethod
    def of(cls, segmenter: Segmenter) -> SegmenterService:
        """A service that is ready at once."""
        service = cls(lambda _say: segmenter)
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

    def _ready(self) -> Segmenter:
        if self._segmenter is not None:
            return self._segmenter
        if self._failure is not None:
            raise self._failure
        raise LoadingError(f"the weights are still loading: {self._message}")

    @property
    def weights(self) -> RunningWeights:
        """Which weights run."""
        return self._ready().weights

    @property
    def device(self) -> object:
        """Where they run."""
        return self._ready().device

    def validate_text(self, prompt: ConceptPrompt) -> None:
        """As the segmenter that is loaded."""
        self._ready().validate_text(prompt)

    def holding(self, image: RgbImage) -> AbstractContextManager[None]:
        """As the segmenter that is loaded."""
        return self._ready().holding(image)

    def is_embedded(self, image: RgbImage) -> bool:
        """As the segmenter that is loaded."""
        return self._ready().is_embedded(image)

    def embed(self, image: RgbImage, progress: Progress | None = None) -> Timings:
        """As the segmenter that is loaded."""
        return self._ready().embed(image, progress)

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], *, score_floor: float = SCORE_FLOOR
    ) -> ConceptAnswer:
        """As the segmenter that is loaded."""
        return self._ready().segment_concepts(image, prompts, score_floor=score_floor)

    def segment_visual(
        self,
        image: RgbImage,
        prompt: VisualPrompt,
        *,
        mask_input: NDArray[np.float32] | None = None,
        multimask: bool | None = None,
    ) -> VisualAnswer:
        """As the segmenter that is loaded."""
        return self._ready().segment_visual(
            image, prompt, mask_input=mask_input, multimask=multimask
        )


def _described(failure: BaseException) -> str:
    """One line for the owner: what was raised, and where."""
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    words = str(failure).strip().partition("\n")[0]
    return f"loading the weights raised {type(failure).__name__}{place}: {words}"
