"""One cache: bounded in bytes, in all and for each holder; the least used goes first."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sam3_playground.core.cache import ByteCache


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def filled(cache: ByteCache[str, Any], keys: str, byte_count: int = 1, **holder: Any) -> None:
    for key in keys:
        cache.put(key, key.upper(), byte_count=byte_count, **holder)


def test_the_least_used_goes_first() -> None:
    cache: ByteCache[str, str] = ByteCache(3)
    filled(cache, "abc")
    assert cache.get("a") == "A"
    filled(cache, "d")
    assert list(cache) == ["c", "a", "d"]
    filled(cache, "e", byte_count=2)
    assert list(cache) == ["d", "e"]
    assert cache.byte_count == 3
    assert len(cache) == 2
    assert cache.get("a") is None


def test_what_does_not_fit_is_not_kept_and_takes_its_former_value_along() -> None:
    cache: ByteCache[str, str] = ByteCache(3)
    filled(cache, "ab")
    cache.put("a", "large", byte_count=4)
    assert list(cache) == ["b"]
    nothing: ByteCache[str, str] = ByteCache(0)
    filled(nothing, "a")
    assert len(nothing) == 0


def test_a_value_is_replaced_with_its_size() -> None:
    cache: ByteCache[str, str] = ByteCache(10)
    filled(cache, "aab", byte_count=4)
    assert cache.byte_count == 8
    cache.put("a", "small", byte_count=1)
    assert cache.byte_count == 5
    assert cache.get("a") == "small"


def test_a_holder_lets_go_of_its_own_before_anothers() -> None:
    cache: ByteCache[str, str] = ByteCache(10, share_bytes=4)
    filled(cache, "a", holder="quiet")
    filled(cache, "bcdefgh", holder="greedy")
    assert list(cache) == ["a", "e", "f", "g", "h"]
    assert cache.held() == {"quiet": 1, "greedy": 4}
    filled(cache, "x", byte_count=5, holder="greedy")  # above the share, below the whole
    assert cache.get("x") is None
    assert cache.held() == {"quiet": 1, "greedy": 4}


def test_together_they_stay_under_the_whole() -> None:
    cache: ByteCache[str, str] = ByteCache(6, share_bytes=4)
    filled(cache, "abcd", holder="one")
    filled(cache, "efgh", holder="two")
    assert list(cache) == ["c", "d", "e", "f", "g", "h"]
    assert cache.held() == {"one": 2, "two": 4}


def test_what_several_hold_is_kept_once_and_until_the_last_one_leaves() -> None:
    cache: ByteCache[str, str] = ByteCache(10, share_bytes=5)
    filled(cache, "a", byte_count=4, holder="one")
    assert cache.get("a", holder="two") == "A"
    assert cache.byte_count == 4
    assert cache.held() == {"one": 4, "two": 4}
    filled(cache, "bc", holder="one")  # too much for the share of the one
    assert cache.held() == {"one": 2, "two": 4}
    cache.leave("one")
    assert list(cache) == ["a"]
    cache.leave("two")
    cache.leave("nobody")
    assert len(cache) == cache.byte_count == 0
    assert cache.held() == {}


def test_a_value_put_anew_keeps_its_holders() -> None:
    cache: ByteCache[str, str] = ByteCache(10)
    filled(cache, "a", holder="one")
    filled(cache, "a", byte_count=3, holder="two")
    assert cache.held() == {"one": 3, "two": 3}


def test_what_has_grown_is_counted_anew() -> None:
    cache: ByteCache[str, str] = ByteCache(10, share_bytes=6)
    filled(cache, "abc", byte_count=2, holder="one")
    cache.recount("b", "grown", byte_count=4)
    assert list(cache) == ["b", "c"]
    assert cache.get("b") == "grown"
    assert cache.held() == {"one": 6}
    cache.recount("c", "huge", byte_count=7)
    cache.recount("gone", "gone", byte_count=1)
    assert list(cache) == ["b"]
    assert cache.byte_count == 4


def test_what_nobody_used_for_long_is_forgotten() -> None:
    clock = Clock()
    cache: ByteCache[str, str] = ByteCache(10, idle_seconds=60, clock=clock)
    filled(cache, "ab", holder="one")
    clock.now = 50
    assert cache.get("a", holder="one") == "A"
    clock.now = 61
    assert list(cache) == ["a"]
    assert cache.held() == {"one": 1}
    clock.now = 111
    assert cache.get("a") is None
    assert cache.byte_count == 0


def test_what_is_forgotten_is_given_back() -> None:
    class Value:
        pass

    cache: ByteCache[int, Value] = ByteCache(2)
    values = []
    for key in range(5):
        value = Value()
        values.append(weakref.ref(value))
        cache.put(key, value, byte_count=1)
        del value
    gc.collect()
    assert [made() is not None for made in values] == [False, False, False, True, True]
    cache.clear()
    assert [made() for made in values] == [None] * 5


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "get", "recount", "leave", "wait"]),
        st.integers(0, 6),
        st.integers(0, 9),
        st.sampled_from([None, "one", "two"]),
    ),
    max_size=60,
)


@given(OPERATIONS)
def test_no_order_of_calls_breaks_a_bound(operations: list[tuple[str, int, int, Any]]) -> None:
    clock = Clock()
    cache: ByteCache[int, int] = ByteCache(12, share_bytes=8, idle_seconds=5, clock=clock)
    sizes: dict[int, int] = {}
    for name, key, size, holder in operations:
        if name == "put":
            cache.put(key, size, byte_count=size, holder=holder)
            sizes[key] = size
        elif name == "get":
            assert cache.get(key, holder=holder) in {None, sizes.get(key)}
        elif name == "recount":
            if key in list(cache):
                sizes[key] = size
            cache.recount(key, size, byte_count=size)
        elif name == "leave":
            cache.leave(holder)
        else:
            clock.now += 1
        kept, held = list(cache), cache.held()
        assert cache.byte_count == sum(sizes[one] for one in kept) <= 12
        assert all(count <= 8 for one, count in held.items() if one is not None)
        assert sum(held.values()) >= cache.byte_count


def test_threads_share_it() -> None:
    cache: ByteCache[int, int] = ByteCache(50, share_bytes=20)
    wrong = []

    def work(holder: int) -> None:
        for turn in range(2000):
            key = (turn * 7 + holder) % 40
            cache.put(key, key, byte_count=1 + key % 5, holder=holder)
            found = cache.get((key + 3) % 40, holder=holder)
            if found not in {None, (key + 3) % 40} or cache.byte_count > 50:
                wrong.append(found)
            if turn % 100 == 0:
                cache.leave(holder)

    threads = [threading.Thread(target=work, args=(holder,)) for holder in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    for holder in range(4):
        cache.leave(holder)
    assert len(cache) == cache.byte_count == 0
