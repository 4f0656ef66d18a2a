"""A cache of which values can be held: kept for calls in progress, whether they fit or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sam3_playground.core.cache import ByteCache


class Sized(Protocol):
    """Knows the bytes of memory that it takes."""

    @property
    def byte_count(self) -> int:
        """All of them."""
        ...


Value = TypeVar("Value", bound=Sized)


@dataclass(eq=False)
class _Hold(Generic[Value]):
    """What calls in progress need, and how many they are."""

    calls: int = 0
    value: Value | None = None


class HeldCache(Generic[Value]):
    """The values used last, as many as fit, and those that are held; safe between threads.

    A value larger than the whole cache is not kept, and not an error.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: ByteCache[str, Value] = ByteCache(max_bytes)
        self._holds: dict[str, _Hold[Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Value | None:
        """The value under a key, now the one used last; None if there is none."""
        found = self._kept.get(key)
        with self._lock:
            hold = self._holds.get(key)
            if hold is None:
                return found
            hold.value = found or hold.value
            return hold.value

    def put(self, key: str, value: Value) -> None:
        """Keep a value; the least recently used ones make room."""
        with self._lock:
            if key in self._holds:
                self._holds[key].value = value
        self._kept.put(key, value, byte_count=value.byte_count)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Keep what is under a key, now or later, to the end of the block, whatever fits."""
        with self._lock:
            hold = self._holds.setdefault(key, _Hold())
            hold.calls += 1
        try:
            yield
        finally:
            with self._lock:
                hold.calls -= 1
                if not hold.calls:
                    del self._holds[key]

    def clear(self) -> None:
        """Forget everything that nobody holds."""
        self._kept.clear()

    @property
    def byte_count(self) -> int:
        """Bytes kept now, without those only held for a call."""
        return self._kept.byte_count

    def __len__(self) -> int:
        return len(self._kept)
