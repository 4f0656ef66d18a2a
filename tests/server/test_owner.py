"""Who counts as the owner: those at the machine itself, seen through no proxy, from the page."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from sam3_playground.server.owner import Owners, is_from_the_page

AT_HOME = Owners(None, bound_to="127.0.0.1", other_names=False)


def asked(
    headers: dict[str, str] | None = None, *, client: str | None = "127.0.0.1", version: str = "1.1"
) -> Request:
    lines = [(key.encode(), value.encode()) for key, value in (headers or {}).items()]
    scope: dict[str, Any] = {"type": "http", "http_version": version, "headers": lines}
    scope["client"] = None if client is None else (client, 4711)
    return Request(scope)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1"])
@pytest.mark.parametrize("bound_to", ["127.0.0.1", "localhost", "::1", "[::1]"])
def test_the_one_at_the_machine_is(client: str, bound_to: str) -> None:
    owners = Owners(None, bound_to=bound_to, other_names=False)
    assert owners.may(asked(client=client))
    assert owners.may(asked({"host": "localhost:7860", "user-agent": "a browser"}, client=client))


@pytest.mark.parametrize(
    ("owners", "request_"),
    [
        (AT_HOME, asked(client="10.0.0.7")),
        (AT_HOME, asked(client=None)),
        (AT_HOME, asked(client="no address")),
        (AT_HOME, asked(version="1.0")),
        (Owners(None, bound_to="0.0.0.0", other_names=False), asked()),
        (Owners(None, bound_to="192.168.1.7", other_names=False), asked()),
        (Owners(None, bound_to="127.0.0.1", other_names=True), asked()),
        *(
            (AT_HOME, asked({trace: "anything"}))
            for trace in (
                "forwarded",
                "via",
                "x-forwarded-for",
                "x-forwarded-host",
                "x-forwarded-proto",
                "x-real-ip",
                "cf-connecting-ip",
            )
        ),
    ],
)
def test_others_are_not(owners: Owners, request_: Request) -> None:
    assert not owners.may(request_)


def test_the_setting_decides_for_everybody() -> None:
    far = asked({"x-forwarded-for": "1.2.3.4"}, client="10.0.0.7")
    assert Owners(True, bound_to="0.0.0.0", other_names=True).may(far)
    assert not Owners(False, bound_to="127.0.0.1", other_names=False).may(asked())


JSON = {"content-type": "application/json"}
PAGE = JSON | {"host": "localhost:7860", "origin": "http://localhost:7860"}


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        (PAGE, True),
        (PAGE | {"content-type": "application/json; charset=utf-8"}, True),
        (
            JSON | {"host": "behind", "origin": "https://public", "sec-fetch-site": "same-origin"},
            True,
        ),
        (PAGE | {"content-type": "text/plain"}, False),
        (PAGE | {"content-type": "application/x-www-form-urlencoded"}, False),
        (PAGE | {"origin": "http://localhost:9999"}, False),
        (PAGE | {"origin": "https://evil.example"}, False),
        (PAGE | {"origin": "null"}, False),
        (JSON | {"host": "localhost:7860"}, False),
        (JSON, False),
        (PAGE | {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, False),
        ({"host": "", "origin": ""} | JSON, False),
    ],
)
def test_another_sites_script_is_not_the_page(headers: dict[str, str], own: bool) -> None:
    assert is_from_the_page(headers) is own
