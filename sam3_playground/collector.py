"""Python's collector of cyclic garbage, kept from looking through what stays to the end.

A start imports some thousand modules and builds a network. The collector would look through it
again and again as it grows, and once more when the process ends: together a third of the time of
a process that does nothing else.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Let the collector rest in a block that makes hardly anything but what stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def keep_for_good() -> None:
    """What is there now is never looked at again: for a process that has started."""
    gc.freeze()


def leave_at_once() -> None:
    """Let the process end without a look at what is left."""
    atexit.register(gc.freeze)
