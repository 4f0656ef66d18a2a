"""Weights from a hub, from ModelScope or from an address, into a file that is whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sam3_playground.weights.here import Found


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes:
        done: Bytes that are here, those of earlier runs too.
        total: Bytes of the whole file; None where nobody said.
        bytes_per_second: Of this run, over the last seconds.
        seconds_left: None where that cannot be told.
    """

    done: int
    total: int | None
    bytes_per_second: float
    seconds_left: float | None


def get_weights(
    source: str | None,
    *,
    folder: Path,
    token: str | None = None,
    licence_accepted: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Found:
    """Fetch weights, going on where an earlier run broke off; at once if they are here.

    Blocks for as long as it takes: call it in a thread. It connects to wherever `source` says,
    addresses of this machine's own network included: do not hand it what a stranger typed.

    Args:
        source: A hub id ("facebook/sam3", the default; "facebook/sam3.1"; "owner/name:file"),
            "modelscope:owner/name", also with ":file", or an https address.
        folder: Where files go that do not come from the hub, which has its own cache.
        token: For the hub alone; None takes HF_TOKEN or the one of `hf auth login`.
        licence_accepted: Whether the user has just accepted `licence_text()`, which is then
            remembered. Only Meta's own gate needs none, as it asks itself.
        progress: Told from time to time, and at the end.
        cancelled: Asked between pieces; true stops.

    Raises:
        InvalidInputError: The source is none.
        LicenceError: The licence has to be accepted first.
        WeightsUnavailableError: The weights cannot be had.
        StorageError: The disk has too little room, or cannot be written to.
        FetchCancelledError: `cancelled` said so. What came so far is kept.
    """
    raise NotImplementedError
