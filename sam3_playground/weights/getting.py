"""Weights from a hub, from ModelScope or from an address, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sam3_playground.errors import InvalidInputError, LicenceError, PlaygroundError, StorageError
from sam3_playground.weights.digests import sha256_of
from sam3_playground.weights.download import Order, download
from sam3_playground.weights.here import Found, found_at, own_file
from sam3_playground.weights.hub import cached, fetch_from_hub
from sam3_playground.weights.licence import accept, is_accepted
from sam3_playground.weights.places import hub_sources_file
from sam3_playground.weights.progress import Meter, Progress
from sam3_playground.weights.published import may_be_published
from sam3_playground.weights.remembered import add_line
from sam3_playground.weights.sources import (
    HubFile,
    ModelScopeFile,
    Source,
    WebFile,
    parse_source,
)
from sam3_playground.weights.unfinished import remove_old

__all__ = ["Progress", "get_weights", "needs_licence"]


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
        InvalidInputError: The source is none, or its file would take the place of another.
        LicenceError: The licence has to be accepted first.
        WeightsUnavailableError: The weights cannot be had.
        StorageError: The disk has too little room, or cannot be written to.
        FetchCancelledError: `cancelled` said so. What came so far is kept, for a month.
    """
    wanted = parse_source(source)
    present = _present(wanted, folder)
    if present is None:
        if not _is_licensed(wanted):
            if not licence_accepted:
                raise LicenceError(
                    "expected the SAM License to be accepted before weights come from elsewhere "
                    "than Meta's own repositories, got no word of it: try `sam3-playground weights "
                    "get`, which shows it and asks, or takes --accept-license"
                )
            with suppress(StorageError):  # it was accepted, and will be asked for again
                accept()
        present = _fetched(wanted, folder, token, Meter(progress), cancelled)
    remove_old(folder)  # and not before: an old part of this very file was worth having
    if not may_be_published(present.byte_count):  # a file of another size need not be read for it
        return present
    sha256 = sha256_of(present.path, cancelled=cancelled)
    return found_at(present.source, present.name, present.path, sha256=sha256)


def needs_licence(source: str | None, folder: Path) -> bool:
    """Whether `get_weights` wants the licence accepted first.

    Raises:
        InvalidInputError: The source is none.
    """
    wanted = parse_source(source)
    return not _is_licensed(wanted) and _present(wanted, folder) is None


def _is_licensed(wanted: Source) -> bool:
    return (isinstance(wanted, HubFile) and wanted.is_metas) or is_accepted()


def _present(wanted: Source, folder: Path) -> Found | None:
    """What is wanted, if it is here."""
    if isinstance(wanted, WebFile):
        if (folder / wanted.file_name).exists():
            raise InvalidInputError(
                f"expected no {wanted.file_name} in the weights folder yet, got one: use it with "
                f"--weights {wanted.file_name}, or move it away first"
            )
        return None
    if isinstance(wanted, ModelScopeFile):
        path = folder / wanted.place
        return own_file(folder, path) if path.is_file() else None
    found = cached(wanted)
    return None if found is None else found_at(wanted.spelling, wanted.spelling, found)


def _fetched(
    wanted: Source,
    folder: Path,
    token: str | None,
    meter: Meter,
    cancelled: Callable[[], bool],
) -> Found:
    if isinstance(wanted, HubFile):
        path = fetch_from_hub(wanted, token=token, meter=meter, cancelled=cancelled)
        if not wanted.is_metas:
            with suppress(PlaygroundError):  # it runs all the same, and is only not listed
                add_line(hub_sources_file(), wanted.spelling)
        return found_at(wanted.spelling, wanted.spelling, path)
    if isinstance(wanted, WebFile):
        path, what, kept = folder / wanted.file_name, wanted.file_name, ""
    else:
        path, kept = folder / wanted.place, wanted.spelling
        what = f"{wanted.file_name} of {kept}"
    order = Order(wanted.url, path, what, key=str(wanted.url), source=kept)
    download(order, meter, cancelled)
    return own_file(folder, path)
