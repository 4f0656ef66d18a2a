"""URLs that may be asked for an image: what callers type and servers redirect to."""

from __future__ import annotations

import ipaddress
import re

import httpx

from sam3_playground.errors import InvalidImageError

MAX_URL_LENGTH = 2048
_MAX_PORT = 65535
# A name of labels that DNS can hold; IPv4 addresses are such names too.
_LABEL = rb"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rb"(?=.{1,254}$)" + _LABEL + rb"(?:\." + _LABEL + rb")*\.?", re.IGNORECASE)


def web_url(text: str, *, base: httpx.URL | None = None) -> httpx.URL:
    """A URL that may be asked, without user, password and fragment.

    Args:
        text: The URL.
        base: What it may be relative to.

    Raises:
        InvalidImageError: Not http or https, longer than `MAX_URL_LENGTH`, or of a host or a
            port that cannot be.
    """
    if len(text) > MAX_URL_LENGTH:
        raise no_web_url()
    try:
        url = base.join(text) if base else httpx.URL(text.strip())
        url = url.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise no_web_url() from error
    if url.scheme not in {"http", "https"}:
        raise InvalidImageError(
            f"expected an http or https URL, got one of scheme {url.scheme[:20]!r}"
        )
    if not _is_host(url.raw_host):
        raise no_web_url()
    if url.port is not None and not 1 <= url.port <= _MAX_PORT:
        raise InvalidImageError(
            f"expected a URL with a port from 1 to {_MAX_PORT}, got one with another"
        )
    return url


def no_web_url() -> InvalidImageError:
    """The error for what is none."""
    return InvalidImageError(
        f"expected an http or https URL of at most {MAX_URL_LENGTH} characters, got something else"
    )


def _is_host(raw: bytes) -> bool:
    """Whether a host, in ASCII and without brackets, is a name or an address."""
    if b":" not in raw:
        return _NAME.fullmatch(raw) is not None
    try:
        address = ipaddress.IPv6Address(raw.decode("ascii"))
    except ValueError:
        return False
    return address.scope_id is None
