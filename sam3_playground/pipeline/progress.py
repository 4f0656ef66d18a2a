"""How far some work is, in lines for people, while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

from sam3_playground.core.segmenter import Progress
from sam3_playground.model.pace import in_words

# Between two lines.
PAUSE_SECONDS = 0.5

T = TypeVar("T")


def telling(label: str, work: Callable[[Progress], T]) -> Generator[str, None, T]:
    """Do some work in a thread of its own and tell how far it is, where that takes a while.

    Who stops to listen waits for the end of the work all the same: it is not broken off.

    Args:
        label: What is being done.
        work: Calls what it is given with the part that is done, from 0.0, as it begins, on.

    Yields:
        Lines, at most one in `PAUSE_SECONDS`.

    Returns:
        What the work gives.

    Raises:
        Exception: What the work raises.
    """
    course, said = Course(label), ""
    with ThreadPoolExecutor(1, thread_name_prefix="encode") as threads:
        # A visitor's own quota of GPU time is known by what this thread knows of the visitor.
        future = threads.submit(copy_context().run, work, course.tell)
        while wait([future], PAUSE_SECONDS).not_done:
            line = course.line()
            if line not in {"", said}:
                said = line
                yield line
        return future.result()


class Course:
    """How far some work is, and how long it still takes at the pace that it had.

    Args:
        label: What is being done.
        clock: Seconds.
    """

    def __init__(self, label: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._label = label
        self._clock = clock
        self._begin: float | None = None
        self._last = (0.0, 0.0)

    def tell(self, done: float) -> None:
        """Take down which part is done now; the first call is the beginning."""
        now = self._clock()
        if self._begin is None:
            self._begin = now
        self._last = (done, now)

    def line(self) -> str:
        """One line; empty before the first part is done, and where a second is enough for all."""
        done, when = self._last
        if self._begin is None or not 0 < done < 1:
            return ""
        pace = (when - self._begin) / done
        left = pace * (1 - done) - (self._clock() - when)
        if pace < 1:
            return ""
        return f"{self._label}: {round(100 * done)} %, about {in_words(max(left, 1))} left"
