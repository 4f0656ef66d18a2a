"""What the C library keeps of freed memory, bounded: glibc's malloc keeps much of it.

Each thread may get an arena of its own, eight for each core, and every arena keeps the largest
that it ever held: images and tensors of some megabytes, a dozen threads, gigabytes in the end.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import threading
from pathlib import Path

# mallopt's names for what it sets, from <malloc.h>.
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

# Threads seldom wait for each other here: Python lets one run at a time.
ARENAS = 2
# Larger blocks come from the system and return to it at once. The default grows to twice that;
# far below, tensors of every call would, and calls take a tenth longer.
MMAP_BYTES = 16 * 2**20
# How often freed memory is looked for, and from what growth on it is given back.
SECONDS = 1.0
GROWTH_BYTES = 16 * 2**20

_STATM = Path("/proc/self/statm")


def bound_heap() -> bool:
    """Give freed memory back to the system, now and as long as the process runs.

    Call it before there are many threads. It costs some milliseconds of each second in which
    memory grew.

    Returns:
        Whether it does: elsewhere than on Linux with glibc nothing happens.
    """
    if platform.libc_ver()[0] != "glibc" or not _STATM.exists():
        return False
    libc = ctypes.CDLL(None)
    libc.mallopt(_M_ARENA_MAX, ARENAS)
    libc.mallopt(_M_MMAP_THRESHOLD, MMAP_BYTES)
    threading.Thread(target=_trim_for_ever, args=(libc,), name="trim-heap", daemon=True).start()
    return True


def _trim_for_ever(libc: ctypes.CDLL) -> None:
    pause, lowest = threading.Event(), 0
    while not pause.wait(SECONDS):
        if resident_bytes() > lowest + GROWTH_BYTES:
            libc.malloc_trim(0)
            lowest = resident_bytes()
        else:
            lowest = min(lowest, resident_bytes())


def resident_bytes() -> int:
    """Memory of this process that lies in the machine's own; Linux only."""
    return int(_STATM.read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE
