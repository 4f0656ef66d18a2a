"""Who may open the page: whoever has a login, told as HTTP's Basic scheme tells it.

Browsers ask for it once, and send it with all that a page asks of the same server, its stream
of events included. They also send it where another site's page asks, so such requests are
refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sam3_playground.server.keys import KeyRing, key_of
from sam3_playground.server.messages import header, path_of, refuse

_CHALLENGE = {"www-authenticate": 'Basic realm="SAM 3 playground", charset="UTF-8"'}
_SCHEME = "basic "
# Longer ones are not even decoded.
_MAX_LENGTH = 4096


class Logins:
    """The logins that open the page. Only digests are held.

    Args:
        logins: USER:PASSWORD each; none lets everybody in.
    """

    def __init__(self, logins: Collection[str]) -> None:
        encoded = {login.encode(errors="surrogateescape") for login in logins}
        # Older clients send Latin-1 where they can.
        encoded |= {it.encode("latin-1") for it in logins if max(map(ord, it)) < 256}
        self._digests = [_digest(login) for login in encoded]

    @property
    def is_open(self) -> bool:
        """Whether no login is needed."""
        return not self._digests

    def open_to(self, authorization: str | None) -> bool:
        """Whether an `Authorization` header holds one of them.

        Compares with every login, each in constant time.
        """
        if self.is_open:
            return True
        text = authorization or ""
        if text[: len(_SCHEME)].lower() != _SCHEME or len(text) > _MAX_LENGTH:
            return False
        try:
            given = base64.b64decode(text[len(_SCHEME) :].strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        digest = _digest(given)
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(matches)


class CheckLogin:
    """ASGI middleware: asks for a login, except on paths that have rules of their own.

    Args:
        app: What answers.
        logins: Who may enter.
        is_unlocked: Whether a path below the mount path needs no login.
        keys: Which keys stand for a login on paths for programs; none do where there are none.
        is_for_programs: Whether a path below the mount path is one of those.
    """

    def __init__(
        self,
        app: ASGIApp,
        logins: Logins,
        is_unlocked: Callable[[str], bool],
        *,
        keys: KeyRing,
        is_for_programs: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._logins = logins
        self._is_unlocked = is_unlocked
        self._keys = keys
        self._is_for_programs = is_for_programs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or ask for a login."""
        if scope["type"] != "http" or self._is_open_to(scope):
            await self._app(scope, receive, send)
        elif is_another_sites(scope):
            await refuse(send, 403, "expected a request of this server's own page, got another's")
        elif self._logins.open_to(header(scope, "authorization")):
            await self._app(scope, receive, send)
        else:
            await refuse(
                send,
                401,
                "expected a login of this server (a user's name and a password, as HTTP's Basic "
                "scheme sends them), got none or a wrong one",
                _CHALLENGE,
            )

    def _is_open_to(self, scope: Scope) -> bool:
        """Whether no login is needed: nowhere, there, or by whoever has a key."""
        path = path_of(scope)
        return (
            self._logins.is_open
            or self._is_unlocked(path)
            or (self._is_for_programs(path) and self._keys.knows(key_of(Request(scope))))
        )


def is_another_sites(scope: Scope) -> bool:
    """Whether a browser asks for a page of another site, other than to open or frame this one."""
    site, mode = header(scope, "sec-fetch-site"), header(scope, "sec-fetch-mode")
    by_other = site in {"cross-site", "same-site"}
    return by_other and not (mode == "navigate" and scope["method"] in {"GET", "HEAD"})


def _digest(login: bytes) -> bytes:
    return hashlib.sha256(login).digest()
