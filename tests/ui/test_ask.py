"""Reading what a browser sends: its own form, or one sentence that shows nothing of the inside."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from sam3_playground.core.prompts import MAX_CLICKS, MAX_EXEMPLARS
from sam3_playground.core.requests import MAX_OBJECTS, ConceptRequest, VisualRequest
from sam3_playground.core.steps import MAX_DEPTH
from sam3_playground.errors import InvalidInputError
from sam3_playground.ui.state import MAX_HIDDEN, read_ask
from tests.servers import page_state

BOX = [10.0, 10.0, 20.0, 20.0]
EXEMPLAR = {"box": BOX, "positive": True}
POINT = {"x": 1, "y": 2, "positive": True}
# What Python says for itself.
INSIDE = re.compile(r"<class|Error|Traceback|object at|NoneType|^'[a-z_]+'$")


def step(**changes: Any) -> dict[str, Any]:
    return {"points": [POINT], "box": None, "choice": 0, "base": None} | changes


def refined(depth: int) -> dict[str, Any]:
    one = step()
    for _ in range(depth):
        one = step(base=one)
    return one


def with_object(one: Any) -> dict[str, Any]:
    return page_state("a", mode="objects", objects=[named(one)])


def named(one: Any, number: int = 1) -> dict[str, Any]:
    return {"id": number, "slot": 0, "name": "one", "number": number, "step": one}


def concept(**changes: Any) -> dict[str, Any]:
    return {"id": 1, "slot": 0, "text": "a", "exemplars": [], "threshold": None} | changes


def test_a_state_of_the_page() -> None:
    ask = read_ask(page_state("an id", "red", "green", hidden=["1:7"], serial=7, active="2"))
    assert (ask.serial, ask.image, ask.hidden) == (7, "an id", frozenset({"1:7"}))
    assert [(row.id, row.slot, row.label) for row in ask.rows] == [
        ("1", 0, "red"),
        ("2", 1, "green"),
    ]
    assert ask.active == "2"
    assert ask.requests == (ask.concepts,)
    assert isinstance(ask.concepts, ConceptRequest)
    assert ask.concepts.ids == ("1", "2")
    request = read_ask(with_object(refined(2))).objects
    assert isinstance(request, VisualRequest)
    (one,) = request.objects
    assert len(one.step.chain) == 3


def test_an_object_without_a_click_has_a_row_and_asks_nothing() -> None:
    objects = [named(None, 4), named(step(), 9)]
    ask = read_ask(page_state("a", mode="objects", objects=objects))
    assert [row.id for row in ask.rows] == ["4", "9"]
    assert isinstance(ask.objects, VisualRequest)
    assert ask.objects.ids == ("9",)
    assert read_ask(page_state("a", mode="objects", objects=objects[:1])).requests == ()


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
        page_state("a", score_threshold=None),
        page_state("a", score_threshold=10**400),
        page_state("a", active=[]),
        page_state("a", cleanup=3),
        page_state("a", concepts=[concept(exemplars=[{"box": BOX}])]),
        page_state("a", concepts=[concept(exemplars=[EXEMPLAR | {"box": [0, 0, math.inf, 5]}])]),
        page_state("a", concepts=[concept(exemplars=[EXEMPLAR | {"box": [0, 0, 10**400, 5]}])]),
        page_state("a", concepts=[concept(exemplars=[EXEMPLAR] * (MAX_EXEMPLARS + 1))]),
        page_state("a", concepts=[concept(text="a\0b")]),
        page_state("a", concepts=[concept(text="half \ud83d of it")]),
        page_state("a", concepts=[concept(id=0)]),
        page_state("a", concepts=[concept(id=True)]),
        page_state("a", concepts=[concept(), concept()]),  # the same id twice
        page_state("a", concepts=[concept(threshold=math.nan)]),
        page_state("a", concepts=[concept(threshold=-(10**400))]),
        page_state("a", *"abcdefghijklmnopq"),
        page_state("a", hidden=["1:1"] * (MAX_HIDDEN + 1)),
        page_state("a", hidden=["x" * 65]),
        page_state("a", hidden=[[1, 2]] * 1_000_000),
        page_state("a", serial=10**400),
        page_state("a", nms={"mode": "sideways", "iou": 0.5}),
        page_state("a", nms={"mode": "within", "iou": 1.5}),
        page_state("a", nms={"mode": "within", "iou": math.inf}),
        page_state("a", cleanup={"simplify": math.inf}),
        page_state("a", cleanup={"min_area": 10**400}),
        page_state("x" * 1000),
        with_object(step(points=[POINT] * (MAX_CLICKS + 1))),
        with_object(step(points=[POINT | {"x": math.inf}])),
        page_state(
            "a",
            mode="objects",
            objects=[named(step(), number + 1) for number in range(MAX_OBJECTS + 1)],
        ),
        with_object(3),
        with_object(step(points=[{"x": 1}])),
        with_object(step(points=[{"x": 10**400, "y": 0, "positive": True}])),
        with_object(step(box=BOX[:3])),
        with_object(step(choice="x")),
        with_object(refined(MAX_DEPTH + 1)),
        with_object(refined(900)),
    ],
)
def test_anything_else_is_refused_in_words(value: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^([a-z ]+: )?expected ") as refusal:
        read_ask(value)
    assert not INSIDE.search(str(refusal.value))
    assert len(str(refusal.value)) < 200
