"""How much memory a call takes at most: of a process of its own, on Linux."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def peak_bytes(call: Callable[[], object]) -> int:
    """Resident bytes at the peak, beyond those before.

    Python and the libraries should have been used before: what they load counts.
    """
    gc.collect()
    before = _status("VmRSS")
    _CLEAR.write_text("5", encoding="ascii")  # the peak begins anew
    call()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
    if found is None:
        raise OSError(f"expected {name} in {_STATUS}, got none")
    return int(found[1]) * 1024
