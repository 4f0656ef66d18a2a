"""The address that is listened on: judged and taken before anything slow begins."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from typing import Any

from sam3_playground.errors import InvalidInputError


class ReservedAddress:
    """An address and a port of this machine, kept free for a server that is still being built.

    Args:
        host: An address, or a name of one.
        port: From 0 to 65535; 0 takes a free one.

    Attributes:
        host: The address as digits; IPv6 without brackets.
        port: The port, never 0.

    Raises:
        InvalidInputError: No address of this machine, or a port that cannot be had.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = _bound(host, port)
        self.host, self.port = self._socket.getsockname()[:2]

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the server."""
        address = ipaddress.ip_address(self.host.partition("%")[0])
        if address.is_unspecified:
            return f"http://localhost:{self.port}"
        return f"http://{bracketed(self.host)}:{self.port}"

    def close(self) -> None:
        """Let the server have it."""
        self._socket.close()


def bracketed(host: str) -> str:
    """An address as it stands in a URL: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _bound(host: str, port: int) -> socket.socket:
    refusal = _not_here(host)
    for family, _, _, _, address in _addresses(host, port):
        # Alone, so that no other program takes the port while the server is being built; shared
        # where the last server of the port has just ended, whose connections still linger.
        for shared in (False, True) if os.name == "posix" else (False,):
            candidate = socket.socket(family, socket.SOCK_STREAM)
            try:
                if shared:
                    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                candidate.bind(address)
            except OSError as error:
                candidate.close()
                refusal = _refusal(error, host, port)
            else:
                return candidate
    raise refusal


def _addresses(host: str, port: int) -> list[Any]:
    """What a host means, IPv4 first; an empty one would mean every address."""
    if not host.strip():
        raise _not_here(host)
    try:
        found = socket.getaddrinfo(
            host.strip().strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError, ValueError) as error:
        raise _not_here(host) from error
    return sorted(found, key=lambda entry: entry[0] != socket.AF_INET)


def _refusal(error: OSError, host: str, port: int) -> InvalidInputError:
    if error.errno == errno.EADDRINUSE:
        return InvalidInputError(
            f"expected a free port, got {port}, on which another program listens; "
            "0 takes any free one"
        )
    if error.errno == errno.EACCES:
        return InvalidInputError(
            f"expected a port that this user may listen on, got {port}: those below 1024 are often "
            "kept for the system"
        )
    return _not_here(host)


def _not_here(host: str) -> InvalidInputError:
    return InvalidInputError(
        "expected an address of this machine to listen on, such as 127.0.0.1 or 0.0.0.0, "
        f"got {host[:80]!r}"
    )
