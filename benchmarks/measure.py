"""Times, peak memory, and the machine that they were measured on."""

from __future__ import annotations

import gc
import multiprocessing
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import torch

MEBIBYTE = 2**20

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was done.
        ours: Its figure, with a unit.
        other: The same the other way; "" where there is none.
        ratio: How many times the other way takes; "" where there is none.
        note: What else to know.
    """

    what: str
    ours: str
    other: str = ""
    ratio: str = ""
    note: str = ""


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    head = "| what | here | the other way | ratio | note |\n|---|---|---|---|---|\n"
    lines = (f"| {r.what} | {r.ours} | {r.other} | {r.ratio} | {r.note} |" for r in rows)
    return head + "\n".join(lines)


def machine() -> str:
    """Processor, cores, memory, versions and device in one line."""
    memory = psutil.virtual_memory().total / 2**30
    parts = [
        f"{processor()}, {psutil.cpu_count()} cores, {memory:.0f} GiB",
        f"Python {platform.python_version()}, torch {torch.__version__}",
    ]
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    return "; ".join(parts)


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if names:
            return names[0].partition(":")[2].strip()
    return platform.processor() or platform.machine()


def median_seconds(work: Callable[[], Any], *, repeats: int, warm_up: int = 1) -> float:
    """The median time of a call, after some that are not counted."""
    times = []
    for turn in range(warm_up + repeats):
        gc.collect()
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if turn >= warm_up:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """The time of one call, and what it gave."""
    gc.collect()
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def in_own_process(work: Callable[..., T], *arguments: Any) -> T:
    """What a module's function gives, from a process that did nothing else before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    with context.Pool(1) as pool:
        return pool.apply(work, arguments)


def growth(work: Callable[[], T]) -> tuple[T, int]:
    """What a call gives, and the bytes by which the process was larger than before at most.

    True in a process that never was much larger than it is: see `in_own_process`.
    """
    before = psutil.Process().memory_info().rss
    result = work()
    unit = 1 if sys.platform == "darwin" else 1024
    return result, max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before)


def seconds(value: float) -> str:
    """A time, in the unit that suits it."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def mebibytes(value: float) -> str:
    """A size in MiB."""
    return f"{value / MEBIBYTE:,.0f} MiB"


def times(ours: float, other: float) -> str:
    """How many times as much the other way takes."""
    return f"{other / ours:.1f}x"
