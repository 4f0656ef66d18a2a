"""One large file over HTTP: resumed, bounded, and whole before it has its name.

A download goes on with `Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14.2): a server
whose file has changed answers with all of the new one.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import filelock
import httpx

from sam3_playground.errors import (
    FetchCancelledError,
    PlaygroundError,
    StorageError,
    WeightsUnavailableError,
)
from sam3_playground.weights.addresses import is_loopback, origin, place, redirected
from sam3_playground.weights.partial_file import PartialFile
from sam3_playground.weights.places import cache_file
from sam3_playground.weights.progress import Meter

MAX_BYTES = 16 * 2**30
MAX_REDIRECTS = 5
RETRIES = 5  # one after another that bring nothing new
RETRY_SECONDS = 1.0
_SPARE_BYTES = 64 * 2**20  # left to everything else on the disk
_TIMEOUT = httpx.Timeout(30.0)
_REDIRECTS = {301, 302, 303, 307, 308}
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True)
class Order:
    """What to fetch, and whither.

    Attributes:
        url: Where the file is.
        destination: What it is to be called.
        what: The file for people.
        key: Says that two runs want the same file, of whichever address this time.
        source: What to type to get it, to be remembered; empty if it may hold a secret.
        byte_count: Its size, if somebody said.
        secret: Sent as a bearer's token to the host of `secret_for` alone.
        secret_for: The hub's address.
    """

    url: httpx.URL
    destination: Path
    what: str
    key: str
    source: str = ""
    byte_count: int | None = None
    secret: str | None = field(default=None, repr=False)
    secret_for: httpx.URL | None = None


def download(order: Order, meter: Meter, cancelled: Callable[[], bool]) -> None:
    """Fetch a file, going on where an earlier run broke off.

    Raises:
        WeightsUnavailableError: It cannot be had, is more than `MAX_BYTES`, or is no weights.
        StorageError: The disk has too little room.
        FetchCancelledError: `cancelled` said so.
    """
    with _alone(order):
        partial = PartialFile(order.destination, order.key, order.source)
        try:
            _fetch(order, partial, meter, cancelled)
        except PlaygroundError:
            if partial.validator is None:  # no later run could tell whether the rest still fits
                partial.discard()
            raise
        if fault := partial.fault:
            size = partial.byte_count
            partial.discard()
            raise WeightsUnavailableError(
                f"expected a .pt or .safetensors checkpoint from {place(order.url)}, got "
                f"{order.what} of {size:,} bytes, which {fault}: it was not kept"
            )
        partial.finish()
        meter.at(partial.byte_count, partial.byte_count, surely=True)


def _fetch(order: Order, partial: PartialFile, meter: Meter, cancelled: Callable[[], bool]) -> None:
    """Ask until all is here, or until nothing more comes."""
    # This machine's own addresses are not asked for through a proxy.
    with httpx.Client(timeout=_TIMEOUT, trust_env=not is_loopback(order.url)) as client:
        failures, most = 0, partial.byte_count
        while not partial.is_whole:
            _check(cancelled, order, partial)
            try:
                if _receive(client, order, partial, meter, cancelled):
                    break
            except httpx.TransportError as error:
                failures = 1 if partial.byte_count > most else failures + 1
                most = max(most, partial.byte_count)
                if failures > RETRIES:
                    raise _broken_off(order, partial) from error
                time.sleep(RETRY_SECONDS)


@contextmanager
def _alone(order: Order) -> Iterator[None]:
    name = hashlib.sha256(str(order.destination.absolute()).encode()).hexdigest()
    path = cache_file("locks") / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:  # a user without a home of their own, as in a container
        path = order.destination.with_name(f".{order.destination.name}.lock")
    lock = filelock.FileLock(path, timeout=0)
    try:
        order.destination.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise WeightsUnavailableError(
            f"{order.what} is being fetched already: wait for that to end"
        ) from error
    except OSError as error:
        raise StorageError(
            f"expected a folder that {order.destination.name} can be written to, got: "
            f"{(error.strerror or 'it failed').lower()}"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _receive(
    client: httpx.Client,
    order: Order,
    partial: PartialFile,
    meter: Meter,
    cancelled: Callable[[], bool],
) -> bool:
    """Take what one answer brings; whether that was the end of the file."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "sam3-playground"}
    if partial.byte_count > 0 and partial.validator is not None:
        headers |= {"Range": f"bytes={partial.byte_count}-", "If-Range": partial.validator}
    with _answer(client, order, headers) as answer:
        chunks = _checked_body(answer, order)
        if answer.status_code == httpx.codes.OK:
            total = _length(answer) if order.byte_count is None else order.byte_count
            _check_room(order, total, kept=partial.byte_count)
            partial.restart(validator=_validator(answer), total=total)
        elif not _continues(answer, partial):
            partial.discard()
            raise httpx.RemoteProtocolError("the part that is here does not fit any more")
        else:
            _check_room(order, partial.total, kept=partial.byte_count)
        meter.begin(partial.byte_count, partial.total)
        for done in partial.append(chunks):
            meter.at(done, partial.total)
            if done > (MAX_BYTES if partial.total is None else partial.total):
                partial.discard()
                raise _wrong_size(order, partial.total)
            _check(cancelled, order, partial)
    if partial.total is None or partial.is_whole:
        return True
    if _length(answer) is not None:
        partial.discard()
        raise _wrong_size(order, partial.total)
    raise httpx.RemoteProtocolError("the connection was closed too early")


@contextmanager
def _answer(
    client: httpx.Client, order: Order, headers: dict[str, str]
) -> Iterator[httpx.Response]:
    url = order.url
    for _ in range(MAX_REDIRECTS + 1):
        secret = {}
        if order.secret and order.secret_for and origin(url) == origin(order.secret_for):
            secret = {"Authorization": f"Bearer {order.secret}"}
        with client.stream("GET", url, headers=headers | secret) as answer:
            if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                yield answer
                return
            url = redirected(url, answer.headers["location"])
    raise WeightsUnavailableError(f"expected at most {MAX_REDIRECTS} redirects, got more")


def _continues(answer: httpx.Response, partial: PartialFile) -> bool:
    """Whether an answer is the rest of the very file that a part of is here."""
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None:
        return False
    start, total = int(found[1]), int(found[2])
    # A server that knows no If-Range sends the rest of another file without a word.
    same = _validator(answer) in {None, partial.validator}
    if start != partial.byte_count or partial.total not in {None, total} or not same:
        return False
    partial.total = total
    return True


def _validator(answer: httpx.Response) -> str | None:
    tag = answer.headers.get("etag")
    if tag and not tag.startswith("W/"):
        return str(tag)
    date = answer.headers.get("last-modified")
    return None if date is None else str(date)


def _length(answer: httpx.Response) -> int | None:
    length = answer.headers.get("content-length", "")
    return int(length) if length.isdigit() else None


def _checked_body(answer: httpx.Response, order: Order) -> Iterator[bytes]:
    """The body in pieces, once its beginning has been looked at."""
    status = answer.status_code
    if status in {401, 403}:
        raise WeightsUnavailableError(f"{place(order.url)} refused to give {order.what}")
    if status in {404, 410}:
        raise WeightsUnavailableError(f"{place(order.url)} has no {order.what}")
    if status not in {200, 206, 416}:
        raise WeightsUnavailableError(
            f"expected {place(order.url)} to answer with {order.what}, got status {status}: "
            "try again later"
        )
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise WeightsUnavailableError(
            f"expected {order.what} as it is, got it in the coding of {place(order.url)}'s own"
        )
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    chunks = answer.iter_raw()
    first = next(chunks, b"") if status == 200 else b""
    if kind == "text/html" or first.lstrip().lower().startswith(_WEB_PAGE):
        raise WeightsUnavailableError(
            f"the address answered with a web page, expected {order.what}: "
            "is it the address of the file itself?"
        )
    if kind == "application/json":
        raise WeightsUnavailableError(
            f"the address answered with a message, expected {order.what}: "
            "is it the address of the file itself?"
        )
    return chain([first], chunks)


def _check_room(order: Order, total: int | None, *, kept: int) -> None:
    """That the file is not too large, and that the disk holds what is not here yet."""
    if total is None:
        return
    if total > MAX_BYTES:
        raise _wrong_size(order, None)
    room = shutil.disk_usage(order.destination.parent).free + kept
    if total + _SPARE_BYTES > room:
        raise StorageError(
            f"expected {(total + _SPARE_BYTES) / 1e9:.1f} GB free on the disk for {order.what}, "
            f"got {room / 1e9:.1f} GB: make room, or choose another folder"
        )


def _check(cancelled: Callable[[], bool], order: Order, partial: PartialFile) -> None:
    if cancelled():
        raise FetchCancelledError(f"Fetching {order.what} was stopped. {_how_to_go_on(partial)}")


def _wrong_size(order: Order, total: int | None) -> WeightsUnavailableError:
    if total is None:
        return WeightsUnavailableError(
            f"expected a file of at most {MAX_BYTES / 2**30:g} GiB, got {order.what} with more"
        )
    return WeightsUnavailableError(
        f"expected {total:,} bytes of {order.what}, got a different number: start again"
    )


def _broken_off(order: Order, partial: PartialFile) -> WeightsUnavailableError:
    if partial.byte_count == 0:
        ask = "Does a server run there" if is_loopback(order.url) else "Is this machine online"
        return WeightsUnavailableError(
            f"{place(order.url)} could not be reached for {order.what}. {ask}?"
        )
    return WeightsUnavailableError(f"Fetching {order.what} broke off. {_how_to_go_on(partial)}")


def _how_to_go_on(partial: PartialFile) -> str:
    if partial.byte_count == 0:
        return "Nothing had come yet."
    if partial.validator is None:
        return "Start again: it begins anew, as the server does not let it go on."
    return "Start again to go on; what came so far is kept."
