"""Names under which the server may be asked.

A web site can give its own name the address of a server on a visitor's machine ("DNS
rebinding"); the browser then sends that site's name as `Host`, which gives it away. An address
in place of a name cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

ANY = "*"
_LOOPBACK_NAME = "localhost"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.%]+\]|[^:\[\]/@\s]+)(?::[0-9]{1,5})?", re.ASCII)


class TrustedHosts:
    """Whether a `Host` header names this server.

    Args:
        names: Host names in any case, `*.example.com` for all under one, or `*` for every
            name. Loopback names need not be given.
        bound_to: The address that the server listens on. On loopback, other addresses than
            loopback ones are strangers too.
    """

    def __init__(self, names: Collection[str] = (), *, bound_to: str = "127.0.0.1") -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names)
        own = _address(bound_to)
        self._loopback_only = bound_to.lower() == _LOOPBACK_NAME if own is None else own.is_loopback

    def add(self, name: str) -> None:
        """Trust one more name, from now on."""
        self._names |= {name.lower().rstrip(".")}

    def trusts(self, host: str | None) -> bool:
        """Whether a header's value, with or without a port, is one of the server's names."""
        if ANY in self._names:
            return True
        match = _HOST.fullmatch(host.lower()) if host else None
        if match is None:
            return False
        name = match["name"].strip("[]").rstrip(".")
        address = _address(name)
        if address is not None:
            return address.is_loopback or not self._loopback_only or name in self._names
        if name == _LOOPBACK_NAME or name.endswith("." + _LOOPBACK_NAME):
            return True
        return name in self._names or any(
            known.startswith("*.") and name.endswith(known[1:]) for known in self._names
        )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
