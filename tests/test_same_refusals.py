"""What is wrong with a wish is refused at every door, and in the same words where that is possible:
where a door's own option or field is named, its words may be others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from sam3_playground.core.prompts import MAX_CLICKS, MAX_EXEMPLARS, MAX_TEXT_LENGTH, BoxXYXY
from sam3_playground.core.requests import MAX_CONCEPTS
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.pipeline.service import SegmenterService
from tests.api.conftest import Api, starting
from tests.fakes import disc_image
from tests.request_doors import Concept, Refused, Wish, by_command, by_page, by_python, by_rest

HEIGHT, WIDTH = 90, 120
OUTSIDE: BoxXYXY = (130, 10, 160, 40)
INSIDE: BoxXYXY = (10, 10, 40, 40)
RED = (Concept("red circle"),)
POINTS = "expected a positive point or a box with negative points, got negative points alone"
BOXES = "expected words or a positive box with negative boxes, got negative boxes alone"
FLAT = "expected box with x0 < x1 and y0 < y1, got (40, 10, 10, 40)"
TOKENS = (
    "expected at most 30 tokens, words and parts of them, in a text, got 31 in "
    "'red red red red red red red red red red…'"
)


def point(x: float, y: float) -> str:
    return f"expected a point in the image of {WIDTH} x {HEIGHT} pixels, got ({x:g}, {y:g})"


def box(name: str) -> str:
    return f"expected {name} to meet the image of {WIDTH} x {HEIGHT} pixels, got (130, 10, 160, 40)"


# A wish, what is said of it, and at which doors that is said in other words.
WRONG: dict[str, tuple[Wish, str, dict[str, str]]] = {
    "a click to the right": (Wish(points=((120.5, 5, True),)), point(120.5, 5), {}),
    "a click below": (Wish(points=((5, 90.25, True),)), point(5, 90.25), {}),
    "a click to the left": (Wish(points=((-1, 5, True), (5, 5, True))), point(-1, 5), {}),
    "a negative click above": (Wish(points=((5, 5, True), (5, -3, False))), point(5, -3), {}),
    "a box outside": (Wish(box=OUTSIDE), box("a box"), {}),
    "an example box outside": (
        Wish((Concept("red circle", ((OUTSIDE, True),)),)),
        box("an example box"),
        {},
    ),
    "a negative example box outside": (
        Wish((Concept(None, ((INSIDE, True), (OUTSIDE, False))),)),
        box("an example box"),
        {},
    ),
    "too many concepts": (
        Wish(tuple(Concept(f"number {n}") for n in range(MAX_CONCEPTS + 1))),
        "expected at most 16 concepts, got 17",
        {"rest": "expected at most 16 items, got 17"},
    ),
    "too many points": (
        Wish(points=((5, 5, True),) * (MAX_CLICKS + 1)),
        "expected at most 100 points for an object, got 101",
        {
            "rest": "expected at most 100 items, got 101",
            "page": "object 1: expected at most 100 points for an object, got 101",
        },
    ),
    "too many example boxes": (
        Wish((Concept(None, ((INSIDE, True),) * (MAX_EXEMPLARS + 1)),)),
        "expected at most 100 example boxes for a concept, got 101",
        {"rest": "expected at most 100 items, got 101"},
    ),
    "a threshold above 1": (
        Wish(RED, threshold=1.5),
        "expected score_threshold in [0, 1], got 1.5",
        {
            "rest": "expected less than or equal to 1, got 1.5",
            "command": "expected --threshold in [0, 1], got 1.5",
        },
    ),
    "a threshold below 0": (
        Wish(RED, threshold=-0.1),
        "expected score_threshold in [0, 1], got -0.1",
        {
            "rest": "expected greater than or equal to 0, got -0.1",
            "command": "expected --threshold in [0, 1], got -0.1",
        },
    ),
    "a concept's own threshold above 1": (
        Wish((Concept("red circle", threshold=1.5),)),
        "expected score_threshold in [0, 1], got 1.5",
        {
            "rest": "expected less than or equal to 1, got 1.5",
            "command": "expected --threshold in [0, 1], got 1.5",
        },
    ),
    "an IoU above 1": (
        Wish(RED, nms=("within", 2.0)),
        "expected the IoU threshold of NMS in [0, 1], got 2.0",
        {
            "rest": "expected less than or equal to 1, got 2.0",
            "command": "expected --iou in [0, 1], got 2.0",
        },
    ),
    "no words": (
        Wish((Concept(""),)),
        "expected a text with a word in it, got an empty one",
        {"command": "expected --concept, --exemplar, --click or --box, got none"},
    ),
    "no visible letter": (
        Wish((Concept("\N{ZERO WIDTH SPACE}"),)),
        "expected a text with a word in it, got an empty one",
        {},
    ),
    "negative boxes alone": (
        Wish((Concept(None, ((INSIDE, False), (INSIDE, False))),)),
        BOXES,
        {},
    ),
    "negative clicks alone": (
        Wish(points=((5, 5, False),)),
        POINTS,
        {"page": f"object 1: {POINTS}"},
    ),
    "a text too long": (
        Wish((Concept("x" * (MAX_TEXT_LENGTH + 1)),)),
        "expected a text of at most 256 characters, got 257",
        {"rest": "expected at most 256 characters, got 257"},
    ),
    "a text of too many tokens": (
        Wish((Concept("red " * 31),)),
        TOKENS,
        {},
    ),
    "a text with NUL": (
        Wish((Concept("red\0circle"),)),
        "expected a text of Unicode characters, got one with U+0000",
        {},
    ),
    "a box without an area": (
        Wish(box=(40, 10, 10, 40)),
        FLAT,
        {"rest": "expected greater than 0, got -30", "page": f"object 1: {FLAT}"},
    ),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "discs.png"
    Image.fromarray(disc_image([("red", 30, 30, 20)], HEIGHT, WIDTH).pixels).save(path)
    return path


@pytest.fixture(scope="module")
def api(bundled: Segmenter) -> Iterator[Api]:
    with starting() as start:
        yield start(service=SegmenterService.of(bundled))


@pytest.mark.usefixtures("commands_run_bundled")
@pytest.mark.parametrize("name", WRONG)
def test_every_door_refuses_it(
    name: str, bundled: Segmenter, api: Api, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish, sentence, others = WRONG[name]
    said = {
        "python": by_python(bundled, path, wish),
        "rest": by_rest(api, path, wish),
        "command": by_command(path, wish, capsys),
        "page": by_page(bundled, path, wish),
    }
    for door, answer in said.items():
        assert isinstance(answer, Refused), door
    assert said == dict.fromkeys(said, sentence) | others
