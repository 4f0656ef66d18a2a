"""Room for so many at a time."""

from __future__ import annotations

from sam3_playground.errors import BusyError


class Places:
    """So many at once; one more is told to try again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    def __enter__(self) -> None:
        if self._taken >= self._most:
            raise BusyError(f"expected fewer than {self._most} at once: try again in a moment")
        self._taken += 1

    def __exit__(self, *_: object) -> None:
        self._taken -= 1
