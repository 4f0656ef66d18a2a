"""What counts as begun when a server ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sam3_playground.server import draining
from sam3_playground.server.draining import CountInFlight, InFlight


def visit(counting: CountInFlight, path: str) -> Any:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        pass

    return counting({"type": "http", "path": path, "headers": []}, receive, send)


@pytest.mark.parametrize("path", ["/ask", "/other"])
def test_an_ask_is_begun_until_its_answer_can_be_fetched(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "HELD_SECONDS", 0.05)
    in_flight, opened = InFlight(), asyncio.Event()

    async def app(scope: Any, _: Any, __: Any) -> None:
        if scope["path"] == "/answers":
            await opened.wait()

    counting = CountInFlight(
        app,
        in_flight,
        is_endless=lambda _: False,
        asks=lambda path: path == "/ask",
        brings_answers=lambda path: path == "/answers",
    )

    async def asked_then_fetched() -> list[bool]:
        await visit(counting, path)
        idle = [in_flight.drain(0)]
        fetching = asyncio.create_task(visit(counting, "/answers"))
        await asyncio.sleep(0.2)
        idle.append(in_flight.drain(0))
        opened.set()
        await fetching
        return [*idle, in_flight.drain(0)]

    assert asyncio.run(asked_then_fetched()) == [path != "/ask", False, True]
