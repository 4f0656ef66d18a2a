"""Who asks: API keys, and what stands for a caller elsewhere."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from starlette.requests import Request

from sam3_playground.errors import UnauthorizedError

ANONYMOUS = ""
BEARER = b"bearer "
# Longer ones are not even hashed: a body may bring one of many megabytes.
MAX_KEY_LENGTH = 4096


class KeyRing:
    """The keys that open the API. Only digests are held.

    Args:
        keys: Accepted keys; none lets everybody in, as one anonymous caller.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        known = list(keys)
        self._digests = [_digest(key) for key in known]
        self._longest = max([MAX_KEY_LENGTH, *map(len, known)])

    @property
    def is_open(self) -> bool:
        """Whether no key is needed."""
        return not self._digests

    def knows(self, key: str | None) -> bool:
        """Whether a key is one of them."""
        return key is not None and self._matches(key) is not None

    def caller(self, key: str | None) -> str:
        """A name for the holder of a key, from which the key can't be told.

        Compares with every key, each in constant time.

        Returns:
            Text; `ANONYMOUS` where no key is needed.

        Raises:
            UnauthorizedError: No key, or an unknown one.
        """
        if self.is_open:
            return ANONYMOUS
        if not key:
            raise UnauthorizedError(
                "expected an API key, as the query parameter api_key or as "
                "'Authorization: Bearer KEY', got none"
            )
        given = self._matches(key)
        if given is None:
            raise UnauthorizedError("expected an API key that this server knows, got another one")
        return given.hex()

    def _matches(self, key: str) -> bytes | None:
        """The key's digest, if it is one of them."""
        given = _digest(key) if len(key) <= self._longest else b""
        matches = [hmac.compare_digest(given, known) for known in self._digests]
        return given if any(matches) else None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def key_of(request: Request) -> str | None:
    """The key in a request's header or query, or None; an Authorization header goes first.

    A key that is not ASCII may come in UTF-8 or, as some clients send it, in Latin-1.
    """
    header = request.headers.get("authorization", "").encode("latin-1")
    if header[: len(BEARER)].lower() == BEARER:
        key = header[len(BEARER) :].strip(b" \t")
        try:
            return key.decode("utf-8")
        except UnicodeDecodeError:
            return key.decode("latin-1")
    return request.query_params.get("api_key")
