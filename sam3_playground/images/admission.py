"""How much is decoded at once: several images wait for each other, none for nobody."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Admission:
    """Admits work by its size, in the order of arrival. For threads.

    A large one that waits is not passed by small ones, or it would wait for ever; and one that
    is larger than all that may be done at once is done alone.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._inside = 0

    @property
    def inside(self) -> int:
        """The size of all that is being done."""
        return self._inside

    @contextmanager
    def admitted(self, size: int, *, most: int) -> Iterator[None]:
        """Wait until there is room, and hold it for the length of the block.

        Args:
            size: Of this piece of work.
            most: Of all that is done at once.
        """
        mine = object()
        with self._changed:
            self._waiting.append(mine)
            try:
                self._changed.wait_for(
                    lambda: (
                        self._waiting[0] is mine
                        and (not self._inside or self._inside + size <= most)
                    )
                )
                self._inside += size
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= size
                self._changed.notify_all()
