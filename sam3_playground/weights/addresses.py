"""Addresses that weights may come from: https, and http within this machine."""

from __future__ import annotations

import ipaddress

import httpx

from sam3_playground.errors import InvalidInputError, WeightsUnavailableError

_MAX_LENGTH = 8192
_EXPECTED = "expected an https address (http only for this machine's own)"


def web_address(text: str) -> httpx.URL:
    """What a user typed as the address of a file.

    Raises:
        InvalidInputError: Neither https nor, on this machine, http; or with a user or password.
    """
    scheme = text.strip().partition("://")[0].lower()
    if scheme not in {"http", "https"}:
        raise InvalidInputError(f"{_EXPECTED}, got one of the scheme {ascii(scheme[:20])[1:-1]}")
    url = _parsed(text)
    if url is None:
        raise InvalidInputError(f"{_EXPECTED}, got one without a host that can be read")
    if url.userinfo:
        raise InvalidInputError(
            "expected an https address without user and password, got one with them"
        )
    if not _is_allowed(url):
        raise InvalidInputError(f"{_EXPECTED}, got {scheme} for another machine")
    return url


def redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Where a server sends us.

    Raises:
        WeightsUnavailableError: To http, or from elsewhere to this machine itself.
    """
    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise _no_way(url) from error
    allowed = _is_allowed(target) and not target.userinfo
    if not allowed or (is_loopback(target) and not is_loopback(url)):
        raise _no_way(url)
    return target


def is_loopback(url: httpx.URL) -> bool:
    """Whether an address means this machine by its very name."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def place(url: httpx.URL) -> str:
    """Host and port for people, and nothing else of an address: the rest may be secret."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port: what has to be the same for a secret to be told again."""
    return url.scheme, url.host, url.port


def _parsed(text: str) -> httpx.URL | None:
    try:
        url = httpx.URL(text.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if url.host and len(text) <= _MAX_LENGTH else None


def _is_allowed(url: httpx.URL) -> bool:
    return bool(url.host) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(url)))


def _no_way(url: httpx.URL) -> WeightsUnavailableError:
    return WeightsUnavailableError(
        f"expected {url.host} to answer with a file, or to redirect to an https address, "
        "got a redirect to something else"
    )
