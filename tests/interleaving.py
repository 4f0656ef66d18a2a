"""Two threads of which one begins and ends in the middle of the other's work, and after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def interleaved(work: Callable[[Callable[[], None]], object]) -> None:
    """Run work twice: the first begins, the second begins, the first ends, the second ends.

    Args:
        work: Calls what it is given in its middle, whereupon the other one goes on.
    """
    first_began, second_began, first_ended = (threading.Event() for _ in range(3))

    def first() -> None:
        def middle() -> None:
            first_began.set()
            second_began.wait(20)

        try:
            work(middle)
        finally:
            first_ended.set()

    def second() -> None:
        def middle() -> None:
            second_began.set()
            first_ended.wait(20)

        first_began.wait(20)
        try:
            work(middle)
        finally:
            second_began.set()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
