"""Reading what a browser sends: its own form, or one sentence that shows nothing of the inside."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from sam3_playground.errors import InvalidInputError
from sam3_playground.ui.ask import MAX_DEPTH, read_ask
from tests.servers import page_state

BOX = [10, 10, 20, 20]
POINT = {"x": 1, "y": 2, "positive": True}
# What Python says for itself.
INSIDE = re.compile(r"<class|Error|Traceback|object at|NoneType|'[a-z_]+'")


def step(**changes: Any) -> dict[str, Any]:
    return {"points": [POINT], "box": None, "choice": 0, "base": None} | changes


def refined(depth: int) -> dict[str, Any]:
    one = step()
    for _ in range(depth):
        one = step(base=one)
    return one


def with_object(one: Any) -> dict[str, Any]:
    return page_state("a", mode="objects", objects=[{"name": "one", "step": one}])


def test_a_state_of_the_page() -> None:
    ask = read_ask(page_state("an id", "red", "green", hidden=[[0, 1]], serial=7))
    assert (ask.serial, ask.image, ask.hidden) == (7, "an id", frozenset({(0, 1)}))
    assert [concept.text for concept in ask.concepts] == ["red", "green"]
    (named,) = read_ask(with_object(refined(2))).objects
    assert named.step is not None
    assert named.step.base is not None
    assert named.step.base.base is not None


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "text",
        [],
        {},
        {"serial": 1},
        page_state("a", serial="x"),
        page_state("a", serial=math.inf),
        page_state("a", concepts=3),
        page_state("a", concepts=[3]),
        page_state("a", concepts=[{}]),
        page_state("a", style=None),
        page_state("a", style={}),
        page_state("a", hidden=[1]),
        page_state("a", hidden=[[1]]),
        page_state("a", hidden=[[1, math.nan]]),
        page_state("a", score_threshold=None),
        page_state("a", score_threshold=10**400),
        page_state("a", active=[]),
        page_state("a", cleanup=3),
        page_state("a", concepts=[{"text": "a", "exemplars": [{"box": BOX}], "threshold": None}]),
        with_object(3),
        with_object(step(points=[{"x": 1}])),
        with_object(step(points=[{"x": 10**400, "y": 0, "positive": True}])),
        with_object(step(box=BOX[:3])),
        with_object(step(choice="x")),
        with_object(refined(MAX_DEPTH + 1)),
    ],
)
def test_anything_else_is_refused_in_words(value: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^(one: )?expected ") as refusal:
        read_ask(value)
    assert not INSIDE.search(str(refusal.value))
    assert len(str(refusal.value)) < 200
