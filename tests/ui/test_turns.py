"""Whose ask is next: a visitor's newest, and every address in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sam3_playground.errors import BusyError
from sam3_playground.ui.turns import SupersededError, Turns


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 20))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Asks:
    """Asks that hold their turn until they are told to end."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.began: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, visitor: str, address: str) -> None:
        self.ends[name] = asyncio.Event()

        async def work() -> None:
            async with self._turns.turn(visitor, address):
                self.began.append(name)
                await self.ends[name].wait()

        self.tasks[name] = asyncio.create_task(work())
        await settle()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await settle()

    def outcome(self, name: str) -> str:
        task = self.tasks[name]
        if not task.done():
            return "open"
        return type(task.exception()).__name__ if task.exception() else "done"


def test_a_visitors_newer_ask_takes_the_place_of_those_that_wait() -> None:
    async def scene() -> None:
        asks = Asks(Turns(at_once=4, max_waiting=8))
        for number in range(300):
            await asks.ask(f"flood {number}", "flooder", "1.1.1.1")
        await asks.ask("other", "other", "2.2.2.2")
        assert asks.began == ["flood 0", "other"]  # at once, though 300 came before
        states = [asks.outcome(f"flood {number}") for number in range(300)]
        assert states == ["open", *[SupersededError.__name__] * 298, "open"]
        await asks.end("flood 0")
        assert asks.began[-1] == "flood 299"
        await asks.end("flood 299")
        await asks.end("other")
        assert asks.outcome("flood 299") == "done"

    run(scene())


def test_addresses_take_turns_whatever_names_they_use() -> None:
    async def scene() -> None:
        asks = Asks(Turns(at_once=1, max_waiting=100))
        for number in range(20):
            await asks.ask(f"crowd {number}", f"crowd {number}", "1.1.1.1")
        await asks.ask("single", "single", "2.2.2.2")
        await asks.end("crowd 0")
        assert asks.began == ["crowd 0", "single"]
        await asks.end("single")
        assert asks.began == ["crowd 0", "single", "crowd 1"]
        for task in asks.tasks.values():
            task.cancel()
        await settle()

    run(scene())


def test_who_has_the_most_waiting_gives_way_when_too_many_wait() -> None:
    async def scene() -> None:
        turns = Turns(at_once=1, max_waiting=3)
        asks = Asks(turns)
        for number in range(4):
            await asks.ask(f"crowd {number}", f"crowd {number}", "1.1.1.1")
        await asks.ask("single", "single", "2.2.2.2")
        assert asks.outcome("crowd 1") == BusyError.__name__
        assert asks.outcome("single") == "open"
        assert len(turns) == 4
        for task in asks.tasks.values():
            task.cancel()
        await settle()
        assert len(turns) == 0

    run(scene())


@pytest.mark.parametrize("ending", ["cancelled while it waits", "cancelled at work", "failed"])
def test_a_turn_is_given_back_however_it_ends(ending: str) -> None:
    async def scene() -> None:
        turns = Turns(at_once=1, max_waiting=3)
        asks = Asks(turns)
        if ending == "failed":
            with pytest.raises(ValueError, match="fault"):
                async with turns.turn("first", "1.1.1.1"):
                    raise ValueError("fault")
        else:
            await asks.ask("first", "first", "1.1.1.1")
            await asks.ask("second", "second", "1.1.1.1")
            name = "second" if "waits" in ending else "first"
            asks.tasks[name].cancel()
            await settle()
            await asks.end("first")
            await asks.end("second")
        assert len(turns) == 0
        await asks.ask("next", "next", "1.1.1.1")
        assert asks.began[-1] == "next"
        await asks.end("next")

    run(scene())
