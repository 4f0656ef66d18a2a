"""A server's memory stays bounded whatever it is asked: what is freed goes back to the system."""

from __future__ import annotations

import platform
import threading

import pytest

from benchmarks.measure import MEBIBYTE
from benchmarks.memory import grown
from sam3_playground.cli.heap import bound_heap

CACHE_MB = 32
# The cache's own, what the first requests load for good, and half as much again. Without
# giving back it was above 700 MiB.
MORE = 400 * MEBIBYTE


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's malloc is bounded")
def test_images_of_all_sizes_by_several_clients_leave_little_behind() -> None:
    (start, _, mixed), statuses = grown(CACHE_MB, images=4, requests=80)
    assert statuses == {200: 84}
    assert mixed - start < MORE


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("musl", "1.2"))
    threads = threading.active_count()
    assert not bound_heap()
    assert threading.active_count() == threads
