"""Only trusted proxies say who a client is; what others say is dropped, and remembered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sam3_playground.config import Settings
from sam3_playground.server.proxies import BelieveProxies, TrustedProxies, was_passed_on

DEFAULT = Settings().trusted_proxies


def seen(client: str, headers: dict[str, str], trusted: Any = DEFAULT) -> Any:
    """The scope that an app behind sees."""
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope)

    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (client, 4711), "headers": lines}
    guard = BelieveProxies(app, TrustedProxies(trusted), lambda host: host == "own.example")
    asyncio.run(guard(scope, lambda: None, lambda _: None))  # type: ignore[arg-type,return-value]
    return found[0]


@pytest.mark.parametrize("client", ["8.8.8.8", "10.0.0.7", "::ffff:10.0.0.7", "no address"])
def test_a_strangers_word_is_dropped(client: str) -> None:
    forged = {
        "x-forwarded-for": "1.2.3.4",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "own.example",
    }
    scope = seen(client, forged)
    assert scope["client"] == (client, 4711)
    assert scope["scheme"] == "http"
    names = {name for name, _ in scope["headers"]}
    assert not names & {b"x-forwarded-proto", b"x-forwarded-host"}
    assert was_passed_on(scope)  # so that nobody far away passes for the owner


@pytest.mark.parametrize(
    ("client", "chain", "trusted", "found"),
    [
        ("127.0.0.1", "1.2.3.4", DEFAULT, "1.2.3.4"),
        ("::1", "2001:db8::1", DEFAULT, "2001:db8::1"),
        ("::ffff:127.0.0.1", "1.2.3.4:567", DEFAULT, "1.2.3.4"),
        ("127.0.0.1", "[2001:db8::1]:567", DEFAULT, "2001:db8::1"),
        # What a client wrote itself stands before what the proxy adds.
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", DEFAULT, "1.2.3.4"),
        ("127.0.0.1", "127.0.0.1, 1.2.3.4", DEFAULT, "1.2.3.4"),
        ("10.0.0.2", "6.6.6.6, 1.2.3.4, 10.0.0.1", {"10.0.0.0/8"}, "1.2.3.4"),
        ("10.0.0.2", "forged, 10.0.0.1", {"10.0.0.0/8"}, "10.0.0.1"),
        ("127.0.0.1", "forged", DEFAULT, "127.0.0.1"),
        ("127.0.0.1", "", DEFAULT, "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4", frozenset(), "127.0.0.1"),
        ("8.8.8.8", "6.6.6.6, 1.2.3.4", {"*"}, "1.2.3.4"),
        ("8.8.8.8", "6.6.6.6, 1.2.3.4, 10.0.0.9", {"*"}, "1.2.3.4"),
    ],
)
def test_whom_a_chain_leads_to(client: str, chain: str, trusted: Any, found: str) -> None:
    assert seen(client, {"x-forwarded-for": chain}, trusted)["client"][0] == found


def test_a_trusted_proxys_names_are_taken_where_they_are_the_servers() -> None:
    headers = {"x-forwarded-proto": "HTTPS", "x-forwarded-host": "own.example", "host": "inner"}
    scope = seen("127.0.0.1", headers)
    assert scope["scheme"] == "https"
    assert dict(scope["headers"]) == {
        b"host": b"inner",  # judged by itself: a browser's script may send all the others
        b"x-forwarded-proto": b"https",
        b"x-forwarded-host": b"own.example",
    }
    other = seen("127.0.0.1", {"x-forwarded-proto": "gopher", "x-forwarded-host": "evil.example"})
    assert (other["scheme"], other["headers"]) == ("http", [])


def test_one_who_comes_by_themselves_is_left_alone() -> None:
    scope = seen("127.0.0.1", {"host": "localhost"})
    assert not was_passed_on(scope)
    assert scope["client"] == ("127.0.0.1", 4711)
