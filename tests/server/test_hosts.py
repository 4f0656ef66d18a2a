"""A web site that gives its own name this machine's address is found out by that name."""

from __future__ import annotations

import pytest

from sam3_playground.server.hosts import TrustedHosts


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:7860",
        "LocalHost.:80",
        "page.localhost:7860",
        "127.0.0.1",
        "127.8.9.10:1",
        "[::1]:7860",
        "[::1]",
    ],
)
@pytest.mark.parametrize("bound_to", ["127.0.0.1", "::1", "localhost", "0.0.0.0"])
def test_loopback_is_trusted_everywhere(host: str, bound_to: str) -> None:
    assert TrustedHosts(bound_to=bound_to).trusts(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "localhost evil.example",
        "localhost:7860:80",
        "localhost:",
        "[::1",
        "::1",
        "2130706433",
        "0x7f000001",
    ],
)
@pytest.mark.parametrize("bound_to", ["127.0.0.1", "0.0.0.0", "192.168.1.5"])
def test_other_names_are_not(host: str | None, bound_to: str) -> None:
    assert not TrustedHosts(bound_to=bound_to).trusts(host)


def test_an_address_is_trusted_where_more_than_loopback_is_listened_on() -> None:
    """It cannot be given away by a name server."""
    assert TrustedHosts(bound_to="0.0.0.0").trusts("192.168.1.5:7860")
    assert TrustedHosts(bound_to="0.0.0.0").trusts("[2001:db8::1]:7860")
    assert not TrustedHosts(bound_to="127.0.0.1").trusts("192.168.1.5:7860")
    assert TrustedHosts({"192.168.1.5"}, bound_to="127.0.0.1").trusts("192.168.1.5:7860")


def test_the_owner_names_others() -> None:
    hosts = TrustedHosts({"SAM.example.com", "*.space.example"})
    assert hosts.trusts("sam.example.com:443")
    assert hosts.trusts("a.b.space.example")
    assert not hosts.trusts("space.example")
    assert not hosts.trusts("evilspace.example")
    assert TrustedHosts({"*"}).trusts("anything.example")
