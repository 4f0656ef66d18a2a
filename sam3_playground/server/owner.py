"""Who may change what runs here: the one who sits at the machine, or whom the owner lets.

A request counts as the owner's where the server listens on loopback, under loopback names alone,
and the request came from there without a proxy's traces: proxies say whom they speak for, or
speak HTTP 1.0. It must also come from the page itself: a browser sends with it the origin of the
page that asks, which another site's script cannot change.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from sam3_playground.server.proxies import was_passed_on


@dataclass(frozen=True)
class Owners:
    """Who may change the weights.

    Attributes:
        everybody: True where all who reach the server may, False where nobody may; None for
            those at this machine.
        bound_to: The address that the server listens on.
        other_names: Whether it may be asked under others than loopback names.
    """

    everybody: bool | None
    bound_to: str
    other_names: bool

    def may(self, request: Request) -> bool:
        """Whether this request comes from one of them."""
        if self.everybody is not None:
            return self.everybody
        return (
            not self.other_names
            and _is_loopback(self.bound_to)
            and request.client is not None
            and _is_loopback(request.client.host)
            and request.scope.get("http_version") != "1.0"
            and not was_passed_on(request.scope)
        )


def is_from_the_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser sent it for a page of this very server, as JSON that no form can send."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    own = headers.get("sec-fetch-site") == "same-origin"
    origin = urlsplit(headers.get("origin", "")).netloc
    return kind == "application/json" and (own or (origin != "" and origin == headers.get("host")))


def _is_loopback(address: str) -> bool:
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False
