"""What is beyond a limit is refused by the field that holds it, and what is at it is not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sam3_playground.core.prompts import MAX_CLICKS, MAX_EXEMPLARS, MAX_TEXT_LENGTH
from sam3_playground.core.requests import MAX_CONCEPTS, MAX_OBJECTS
from tests.api.conftest import PICTURE, Api

HEIGHT, WIDTH = PICTURE.size
RED = {"text": "red"}
CLICK = {"x": 60, "y": 95, "positive": True}
BOX = {"x": 50, "y": 85, "width": 20, "height": 18}


def refused(answer: httpx.Response, *location: str | int) -> None:
    """The answer is one error, in words, about that field."""
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["detail"]
    assert error["loc"] == ["body", *location]
    assert error["msg"].startswith("expected ")


@pytest.mark.parametrize(
    ("x", "y"), [(-1, 5), (5, -0.5), (WIDTH + 0.5, 5), (5, HEIGHT + 1), (-1e6, 1e6)]
)
@pytest.mark.parametrize("positive", [True, False])
def test_a_click_outside_the_image(api: Api, x: float, y: float, *, positive: bool) -> None:
    outside = {"x": x, "y": y, "positive": positive}
    refused(api.visual([{"points": [CLICK, outside]}]), "prompts", 0, "points", 1)
    both = [{"points": [CLICK]}, {"points": [CLICK, CLICK, outside]}]
    refused(api.visual(both), "prompts", 1, "points", 2)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (WIDTH, HEIGHT), (WIDTH, 0)])
def test_a_click_on_the_edge_is_inside(api: Api, x: int, y: int) -> None:
    assert api.visual([{"points": [CLICK, {"x": x, "y": y}]}]).status_code == 200


def test_more_concepts_than_the_limit(api: Api) -> None:
    assert MAX_CONCEPTS == 16  # the contract's
    refused(api.concept(*[RED] * (MAX_CONCEPTS + 1)), "prompts")
    assert api.concept(*[RED] * MAX_CONCEPTS).status_code == 200


def test_more_objects_than_the_limit(api: Api) -> None:
    refused(api.visual([{"points": [CLICK]}] * (MAX_OBJECTS + 1)), "prompts")
    answer = api.visual([{"points": [CLICK]}] * MAX_OBJECTS)
    assert len(answer.json()["predictions"]) == MAX_OBJECTS


def test_more_points_than_the_limit(api: Api) -> None:
    refused(api.visual([{"points": [CLICK] * (MAX_CLICKS + 1)}]), "prompts", 0, "points")
    assert api.visual([{"points": [CLICK] * MAX_CLICKS}]).status_code == 200


def test_more_boxes_than_the_limit(api: Api) -> None:
    def boxes(count: int) -> dict[str, Any]:
        return {"boxes": [BOX] * count, "box_labels": [1] * count}

    answer = api.concept(RED, boxes(MAX_EXEMPLARS + 1))
    assert answer.status_code == 422
    locations = [error["loc"] for error in answer.json()["detail"]]
    assert locations == [["body", "prompts", 1, name] for name in ("boxes", "box_labels")]
    assert api.concept(boxes(MAX_EXEMPLARS)).status_code == 200


def test_a_longer_text_than_the_limit(api: Api) -> None:
    refused(api.concept({"text": "x" * (MAX_TEXT_LENGTH + 1)}), "prompts", 0, "text")
    assert api.concept({"text": "x" * MAX_TEXT_LENGTH}).status_code == 200
