"""What proxies say of a client, believed of trusted ones alone.

Whoever connects may send any header: an address in `X-Forwarded-For` counts only where a trusted
proxy sent it, and of a list only what trusted proxies added. The name that is asked for
(`Host`) stays as it came: it is judged by itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

ANY = "*"

# Of proxies, tunnels and their kind.
TRACES = frozenset({
    b"forwarded",
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-forwarded-server",
    b"x-forwarded-prefix",
    b"x-original-host",
    b"x-real-ip",
    b"cf-connecting-ip",
    b"true-client-ip",
    b"x-client-ip",
})  # fmt: skip
_FOR, _PROTO, _HOST = b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"
# What the page's framework believes, whoever sent it.
_BELIEVED = {_PROTO, _HOST}
_KEY = "sam3_playground.passed_on"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def was_passed_on(scope: Scope) -> bool:
    """Whether a request shows traces of a proxy, those that were dropped among them."""
    return bool(scope.get(_KEY)) or any(name.lower() in TRACES for name, _ in scope["headers"])


class TrustedProxies:
    """Proxies whose word is taken.

    Args:
        networks: Addresses and networks, or `*` for whoever connects.
    """

    def __init__(self, networks: Collection[str]) -> None:
        self._all = ANY in networks
        self._networks = [ipaddress.ip_network(it) for it in networks if it != ANY]

    def trusts(self, address: _Address | None) -> bool:
        """Whether the one at an address is among them."""
        if self._all:
            return True
        return address is not None and any(address in network for network in self._networks)

    def client(self, chain: Collection[str]) -> _Address | None:
        """The first address, seen from here, that is no proxy's; None where none is told.

        Where all are trusted, those of private networks count as a provider's own proxies.

        Args:
            chain: The addresses that proxies noted, the nearest last.
        """
        found = None
        for text in reversed(list(chain)):
            address = _address(text)
            if address is None:  # what lies beyond was not noted by a proxy
                return found
            found = address
            passes = not address.is_global if self._all else self.trusts(address)
            if not passes:
                return address
        return found


class BelieveProxies:
    """ASGI middleware: a request's client and scheme are what trusted proxies say they are.

    Args:
        app: What answers.
        proxies: Those that are trusted; headers of others are dropped.
        trusts_host: Whether a name is one of the server's; another one is dropped.
    """

    def __init__(
        self, app: ASGIApp, proxies: TrustedProxies, trusts_host: Callable[[str], bool]
    ) -> None:
        self._app = app
        self._proxies = proxies
        self._trusts_host = trusts_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as it is seen now."""
        if scope["type"] == "http" and was_passed_on(scope):
            scope = {**scope, _KEY: True, **self._seen(scope)}
        await self._app(scope, receive, send)

    def _seen(self, scope: Scope) -> dict[str, Any]:
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in _BELIEVED]
        client = scope.get("client")
        if not self._proxies.trusts(_address(client[0]) if client else None):
            return {"headers": headers}
        seen: dict[str, Any] = {}
        origin = self._proxies.client(list(_entries(scope, _FOR)))
        if origin is not None:
            seen["client"] = (str(origin), 0)
        scheme = next(_entries(scope, _PROTO), "").lower()
        if scheme in {"http", "https"}:
            seen["scheme"] = scheme
            headers.append((_PROTO, scheme.encode()))
        host = next(_entries(scope, _HOST), "")
        if host and self._trusts_host(host):
            headers.append((_HOST, host.encode("latin-1")))
        return {**seen, "headers": headers}


def _entries(scope: Scope, name: bytes) -> Iterator[str]:
    """What a header holds between its commas, however often it comes."""
    for key, value in scope["headers"]:
        if key.lower() == name:
            yield from (entry.strip() for entry in value.decode("latin-1").split(","))


def _address(text: str) -> _Address | None:
    """An address, with or without a port; IPv4 within IPv6 as IPv4."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
