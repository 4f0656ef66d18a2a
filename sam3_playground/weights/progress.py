"""How far a download is, and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW_SECONDS = 5.0
_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes:
        done: Bytes that are here, those of earlier runs too.
        total: Bytes of the whole file; None where nobody said.
        bytes_per_second: Of this run, over the last seconds; 0 at its start.
        seconds_left: None where that cannot be told.
    """

    done: int
    total: int | None
    bytes_per_second: float
    seconds_left: float | None


class Meter:
    """Turns counts of bytes into `Progress`, at most ten times a second.

    Args:
        tell: Who is told.
        clock: Seconds from any beginning.
    """

    def __init__(
        self, tell: Callable[[Progress], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self._told = -_EVERY_SECONDS

    def begin(self, done: int, total: int | None) -> None:
        """Say from where it goes on; what was here before counts for no speed."""
        self._seen.clear()
        self.at(done, total, surely=True)

    def at(self, done: int, total: int | None, *, surely: bool = False) -> None:
        """Note that so many bytes are here; `surely` tells it however short the last time is."""
        now = self._clock()
        if not surely and now - self._told < _EVERY_SECONDS:
            return
        self._told = now
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW_SECONDS and len(self._seen) > 2:
            self._seen.popleft()
        start, first = self._seen[0]
        speed = (done - first) / (now - start) if now > start else 0.0
        left = (total - done) / speed if total is not None and speed > 0 else None
        self._tell(Progress(done, total, speed, left))
