"""Whose ask is worked on next: each visitor's newest, and every address in turn.

The page shows one state at a time, so an older ask of a visitor that still waits is worth
nothing once a newer one has come. Who sends many, under many names, from one address, waits
behind everybody who sends one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sam3_playground.errors import BusyError


class SupersededError(Exception):
    """A newer ask of the same visitor has come."""


@dataclass(eq=False)
class _Waiting:
    visitor: str
    address: str
    arrival: int
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """Turns at the network for the asks of all visitors. For one event loop.

    Args:
        at_once: Asks that are worked on at a time; of one visitor never more than one.
        max_waiting: Asks that wait; where there are more, the address that has the most of
            them loses its oldest.
    """

    def __init__(self, *, at_once: int, max_waiting: int) -> None:
        self._at_once = at_once
        self._max_waiting = max_waiting
        self._waiting: list[_Waiting] = []
        self._working: dict[str, str] = {}  # visitor -> address
        self._served: dict[str, int] = {}  # address -> when it had its last turn
        self._count = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._working)

    @asynccontextmanager
    async def turn(self, visitor: str, address: str) -> AsyncIterator[None]:
        """Wait until it is this ask's turn, and hold it for the length of the block.

        Raises:
            SupersededError: A newer ask of this visitor has come.
            BusyError: Too many wait.
        """
        mine = _Waiting(visitor, address, next(self._count))
        for other in self._waiting:
            if other.visitor == visitor:
                self._send_away(other, SupersededError())
        self._waiting.append(mine)
        self._let_in()
        if len(self._waiting) > self._max_waiting:
            self._send_away(self._oldest_of_the_most(), _busy(self._max_waiting))
        try:
            await mine.turn
        except asyncio.CancelledError:
            self._forget(mine)
            raise
        try:
            yield
        finally:
            self._forget(mine)

    def _let_in(self) -> None:
        while len(self._working) < self._at_once:
            # A cancelled one is still listed until its task runs again.
            ready = [
                one
                for one in self._waiting
                if one.visitor not in self._working and not one.turn.done()
            ]
            if not ready:
                return
            working = Counter(self._working.values())
            first = min(
                ready,
                key=lambda one: (
                    working[one.address],
                    self._served.get(one.address, -1),
                    one.arrival,
                ),
            )
            self._waiting.remove(first)
            self._working[first.visitor] = first.address
            self._served[first.address] = next(self._count)
            first.turn.set_result(None)

    def _oldest_of_the_most(self) -> _Waiting:
        waiting = Counter(one.address for one in self._waiting)
        return min(self._waiting, key=lambda one: (-waiting[one.address], one.arrival))

    def _send_away(self, one: _Waiting, reason: Exception) -> None:
        self._waiting.remove(one)
        if not one.turn.done():
            one.turn.set_exception(reason)

    def _forget(self, one: _Waiting) -> None:
        if one in self._waiting:
            self._waiting.remove(one)
        elif one.turn.done() and not one.turn.cancelled() and one.turn.exception() is None:
            del self._working[one.visitor]
        here = {one.address for one in self._waiting} | set(self._working.values())
        self._served = {key: when for key, when in self._served.items() if key in here}
        self._let_in()


def _busy(max_waiting: int) -> BusyError:
    return BusyError(f"expected fewer than {max_waiting} asks at once: try again in a moment")
