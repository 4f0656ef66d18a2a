"""What foreign code warns of and nobody can act on, kept quiet for the length of a block.

The filters of warnings belong to the whole process. Who changes them for a while, as
`warnings.catch_warnings` does, changes them for other threads too, and two threads that begin and
end in turn leave those of one of them behind for good. Here a filter for each class of warnings
stands among the others for good, and matches only what is said inside a block, in its own thread.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, cast


class Kind(NamedTuple):
    """Some warnings.

    Attributes:
        category: Their class, or one that it is derived from.
        message: A regular expression that their text begins with.
    """

    category: type[Warning]
    message: str = ""


_quiet: ContextVar[tuple[Kind, ...]] = ContextVar("quiet", default=())
_lock = threading.Lock()
_filters: dict[type[Warning], Any] = {}


class _InABlock:
    """Stands where the filter of a class of warnings has the pattern of its messages."""

    def __init__(self, category: type[Warning]) -> None:
        self._category = category

    def match(self, message: str) -> bool:
        return any(
            kind.category is self._category and re.match(kind.message, message, re.IGNORECASE)
            for kind in _quiet.get()
        )


@contextmanager
def quiet(*kinds: Kind) -> Iterator[None]:
    """Keep some kinds of warnings to this thread's block."""
    _stand_first(kind.category for kind in kinds)
    former = _quiet.set((*_quiet.get(), *kinds))
    try:
        yield
    finally:
        _quiet.reset(former)


def _stand_first(categories: Iterable[type[Warning]]) -> None:
    """Let the filters of these stand before all others, which somebody may have changed."""
    with _lock:
        for category in categories:
            if category not in _filters:
                _filters[category] = ("ignore", _InABlock(category), category, None, 0)
        ours = list(_filters.values())
        standing = cast("list[Any]", warnings.filters)
        if standing[: len(ours)] == ours:
            return
        standing[:0] = ours
        for place in range(len(standing) - 1, len(ours) - 1, -1):
            if standing[place] in ours:
                del standing[place]


# Before any thread begins: who takes back filters in the middle of a block, as the import of
# another package does, then takes back a list in which these stand already.
_stand_first((UserWarning, FutureWarning, DeprecationWarning))
