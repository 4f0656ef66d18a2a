"""One cache for all that is kept between requests: bounded in bytes, the least used goes first."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(eq=False)
class _Entry(Generic[Value]):
    value: Value
    byte_count: int
    used: float
    holders: set[Hashable] = field(default_factory=set)


@dataclass(eq=False)
class _Holding(Generic[Key]):
    """The keys that somebody holds, the one used longest ago first, and their bytes."""

    keys: OrderedDict[Key, None] = field(default_factory=OrderedDict)
    byte_count: int = 0


class ByteCache(Generic[Key, Value]):
    """The values used last, as many as fit; safe to share between threads.

    A value has holders: those who put or got it and gave their name. It takes its bytes once in
    all, and in full of the share of each holder. Who has more than the share lets go of what
    it used longest ago, and a value that nobody holds any more is forgotten. What is put
    without a name is everybody's, and no share bounds it.

    What does not fit is not kept, and not an error.

    Args:
        max_bytes: The most that all values may take together; 0 keeps none.
        share_bytes: The most that one holder may hold; None lets it be everything.
        idle_seconds: What nobody used for so long is forgotten, the next time that anybody
            uses the cache.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        max_bytes: int,
        *,
        share_bytes: int | None = None,
        idle_seconds: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_bytes = max_bytes
        self.share_bytes = max_bytes if share_bytes is None else min(share_bytes, max_bytes)
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()  # the least used first
        self._holdings: dict[Hashable, _Holding[Key]] = {}
        self._byte_count = 0

    def get(self, key: Key, *, holder: Hashable = None) -> Value | None:
        """The value of a key, now the one used last and held by the holder; None without one."""
        with self._lock:
            self._forget_idle()
            entry = self._entries.get(key)
            if entry is None:
                return None
            if holder is None and None not in entry.holders:
                holder = next(iter(entry.holders))  # who has no name takes nothing on
            self._use(key, entry, holder)
            self._make_room((holder,))
            return entry.value

    def put(self, key: Key, value: Value, *, byte_count: int, holder: Hashable = None) -> None:
        """Keep a value in place of a former one of the key; the least used make room.

        Args:
            key: Its key.
            value: What to keep.
            byte_count: The memory that it takes, with its key.
            holder: Who holds it from now on, beside those who held the former one.
        """
        with self._lock:
            self._forget_idle()
            former = self._forget(key)
            holders = {holder} if former is None else former.holders | {holder}
            if byte_count > self._most(holders):
                return
            entry = self._entries[key] = _Entry(value, byte_count, self._clock())
            self._byte_count += byte_count
            for one in holders:
                self._use(key, entry, one)
            self._make_room(holders)

    def recount(self, key: Key, value: Value, *, byte_count: int) -> None:
        """Take a value in the place of the one that is kept, with its size as it is now.

        Its holders and its place in the order of use stay. Nothing happens to a key that is
        not kept.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return
            if byte_count > self._most(entry.holders):
                self._forget(key)
                return
            more = byte_count - entry.byte_count
            entry.value, entry.byte_count = value, byte_count
            self._byte_count += more
            for holder in entry.holders:
                self._holdings[holder].byte_count += more
            self._make_room(tuple(entry.holders))

    def leave(self, holder: Hashable) -> None:
        """Let go of everything that somebody holds."""
        with self._lock:
            while holder in self._holdings:
                self._let_go(holder)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._holdings.clear()
            self._byte_count = 0

    def __iter__(self) -> Iterator[Key]:
        """The keys as they are now, the one used longest ago first."""
        with self._lock:
            self._forget_idle()
            return iter(tuple(self._entries))

    def __len__(self) -> int:
        with self._lock:
            self._forget_idle()
            return len(self._entries)

    @property
    def byte_count(self) -> int:
        """Bytes that are taken now."""
        with self._lock:
            return self._byte_count

    def held(self) -> dict[Hashable, int]:
        """Everybody who holds something now, and the bytes of it."""
        with self._lock:
            self._forget_idle()
            return {holder: holding.byte_count for holder, holding in self._holdings.items()}

    def _most(self, holders: Iterable[Hashable]) -> int:
        named = any(holder is not None for holder in holders)
        return self.share_bytes if named else self.max_bytes

    def _use(self, key: Key, entry: _Entry[Value], holder: Hashable) -> None:
        entry.used = self._clock()
        self._entries.move_to_end(key)
        holding = self._holdings.setdefault(holder, _Holding())
        if holder not in entry.holders:
            entry.holders.add(holder)
            holding.keys[key] = None
            holding.byte_count += entry.byte_count
        holding.keys.move_to_end(key)

    def _make_room(self, holders: Iterable[Hashable]) -> None:
        for holder in holders:
            while holder is not None and self._too_much(holder):
                self._let_go(holder)
        while self._byte_count > self.max_bytes:
            self._forget(next(iter(self._entries)))

    def _too_much(self, holder: Hashable) -> bool:
        holding = self._holdings.get(holder)
        return holding is not None and holding.byte_count > self.share_bytes

    def _forget_idle(self) -> None:
        oldest = self._clock() - self._idle_seconds
        while self._entries:
            key, entry = next(iter(self._entries.items()))
            if entry.used >= oldest:
                return
            self._forget(key)

    def _let_go(self, holder: Hashable) -> None:
        """Of what the holder used longest ago."""
        key = next(iter(self._holdings[holder].keys))
        entry = self._entries[key]
        if len(entry.holders) == 1:
            self._forget(key)
        else:
            entry.holders.discard(holder)
            self._drop(key, entry, holder)

    def _forget(self, key: Key) -> _Entry[Value] | None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._byte_count -= entry.byte_count
            for holder in entry.holders:
                self._drop(key, entry, holder)
        return entry

    def _drop(self, key: Key, entry: _Entry[Value], holder: Hashable) -> None:
        holding = self._holdings[holder]
        del holding.keys[key]
        holding.byte_count -= entry.byte_count
        if not holding.keys:
            del self._holdings[holder]
