"""One client's many asks do not hold up the others, and the server's answers carry headers."""

from __future__ import annotations

import httpx
import pytest

from sam3_playground.ui.layout import CONCURRENT_ANSWERS
from tests.servers import Visitor, discs_png, page_state

ASKS = 300
WAIT_SECONDS = 1.5


def calls(visitor: Visitor) -> int:
    return int(visitor.http.get("/calls").json()["count"])


@pytest.mark.parametrize("names", [1, ASKS])
def test_a_flood_lets_others_through(url: str, names: int) -> None:
    """From one page, or from as many as there are asks: all of them at one address."""
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with Visitor(url) as flooder, Visitor(url, transport=elsewhere) as other:
        image = flooder.upload(discs_png())
        for number in range(ASKS):
            name = f"flood{names}x{number % names}"
            flooder.join(page_state(image, f"wait {WAIT_SECONDS} {number}"), session_hash=name)
        mine = page_state(other.upload(discs_png()), "red")
        before = calls(other)
        answer = other.ask(mine)
        # Those that are at the network already, those that take their places, and this one.
        assert calls(other) - before <= 2 * CONCURRENT_ANSWERS + 1
        assert answer.get("error") is None
        assert len(answer["rows"][0]["instances"]) == 2


def test_every_answer_carries_the_headers(visitor: Visitor) -> None:
    for path in ("/", "/config", "/calls", "/nothing", "/page/examples/nothing", "/theme.css"):
        headers = visitor.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == "'self'"
        assert policy["object-src"] == "'none'"
        assert "https://huggingface.co" in policy["frame-ancestors"]
