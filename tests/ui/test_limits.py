"""What the page's scripts are told of limits is what Python checks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sam3_playground.errors import PlaygroundError
from sam3_playground.ui.limits import PAGE_LIMITS
from sam3_playground.ui.state import read_ask
from tests.servers import ROOT, page_state

TYPES = ROOT / "sam3_playground" / "ui" / "web" / "parcel.d.ts"


def test_scripts_know_the_limits_by_the_same_names() -> None:
    (names,) = re.findall(r"interface Limits \{(.*?)\n\}", TYPES.read_text("utf-8"), re.DOTALL)
    assert re.findall(r"^  (\w+): number;", names, re.MULTILINE) == list(PAGE_LIMITS)


def click(x: float = 1) -> dict[str, Any]:
    return {"x": x, "y": 1.0, "positive": True}


def step(depth: int = 0, **changes: Any) -> dict[str, Any]:
    base = step(depth - 1) if depth else None
    return {"points": [click()], "box": None, "choice": 0, "base": base} | changes


def asked(**changes: Any) -> dict[str, Any]:
    one = {"id": 1, "slot": 0, "name": "", "number": 1, "step": step()}
    return page_state("a", mode="objects", objects=[one | changes])


def mended(**changes: Any) -> dict[str, Any]:
    seed = {"text": "cat", "exemplars": [], "candidate": 0, "box": [0.0, 0.0, 1.0, 1.0]}
    correction = {"id": "1:0", "replaces": [seed], "parts": [step()]} | changes
    one = {"id": 1, "slot": 0, "text": "cat", "exemplars": [], "threshold": None}
    return page_state("a", concepts=[one | {"corrections": [correction]}])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("id", lambda most: asked(id=most)),
        ("place", lambda most: asked(slot=most)),
        ("place", lambda most: asked(number=most)),
        ("place", lambda most: asked(step=step(choice=most))),
        ("coordinate", lambda most: asked(step=step(points=[click(most)]))),
        ("clicks", lambda most: asked(step=step(points=[click()] * most))),
        ("depth", lambda most: asked(step=step(most))),
        ("hidden", lambda most: asked() | {"hidden": ["1"] * most}),
        ("instance_id", lambda most: asked() | {"hidden": ["1" * most]}),
        ("parts", lambda most: mended(parts=[step()] * most)),
    ],
)
def test_as_much_as_a_limit_is_asked_and_no_more(name: str, make: Any) -> None:
    most = PAGE_LIMITS[name]
    read_ask(make(most))
    with pytest.raises(PlaygroundError):
        read_ask(make(most + 1))
