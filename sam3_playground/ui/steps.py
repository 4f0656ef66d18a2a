"""Generators whose steps take their time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any, TypeVar

import anyio.to_thread

Item = TypeVar("Item")


async def in_threads(make: Callable[[], Iterator[Item]]) -> AsyncGenerator[Item, None]:
    """What an iterator gives, each step made in a thread."""
    iterator, end = make(), object()
    try:
        while True:
            item: Any = await anyio.to_thread.run_sync(next, iterator, end)
            if item is end:
                return
            yield item
    finally:
        iterator.close()  # type: ignore[attr-defined]


def end_of(steps: Generator[Any, None, Item]) -> Item:
    """What a generator returns, whatever it says on its way."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        value: Item = end.value
        return value
