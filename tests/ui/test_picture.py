"""What the page shows of a result: where the mask is, whatever the image's size, by ids."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sam3_playground.core.images import RgbImage
from sam3_playground.core.nms import Nms
from sam3_playground.core.prompts import Click, ConceptPrompt, VisualPrompt
from sam3_playground.core.steps import Step
from sam3_playground.formats.picture import COLOURS
from sam3_playground.pipeline.answer import propose
from sam3_playground.ui.ask import Ask, Row
from sam3_playground.ui.overlay import MAX_SIDE
from sam3_playground.ui.picture import picture_of
from tests.asks import concept_ask, object_ask
from tests.fakes import FakeSegmenter, disc_image

RED, GREEN = ConceptPrompt("red"), ConceptPrompt("green")
DISCS = disc_image([("red", 40, 40, 20), ("red", 110, 50, 25), ("green", 60, 95, 15)])


def shown(image: RgbImage, ask: Ask) -> dict[str, Any]:
    return picture_of(image, ask, [propose(FakeSegmenter(), image, one) for one in ask.requests])


def decoded(url: str) -> NDArray[np.uint8]:
    data = np.frombuffer(base64.b64decode(url.partition(",")[2]), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


@pytest.mark.parametrize(
    "size", [(120, 160), (1000, MAX_SIDE), (1000, MAX_SIDE + 1), (3000, 2000), (300, 3000)]
)
def test_a_mask_is_painted_where_it_is_at_every_size(size: tuple[int, int]) -> None:
    """To within a pixel of the picture that is sent, and two of the fake's coarse grid."""
    height, width = size
    x, y, radius = width // 4, height // 2, min(size) // 3
    image = disc_image([("red", x, y, radius)], height, width)
    answer = shown(image, concept_ask("a", RED))
    index_map, overlay = decoded(answer["index_map"]), decoded(answer["overlay"])
    assert max(index_map.shape) == min(max(size), MAX_SIDE)
    assert index_map.shape == overlay.shape[:2]
    scale = index_map.shape[1] / width
    rows, columns = np.indices(index_map.shape)
    # An ellipse at the network's own grid, where the disc was squashed.
    away = np.hypot((columns + 0.5) / scale - x, (rows + 0.5) / scale - y)
    slack = 2 * max(size) / 72 + 1
    assert (index_map[away < radius - slack] == 1).all()
    assert (index_map[away > radius + slack] == 0).all()
    assert (overlay[..., 3][away < radius - slack] > 0).all()
    assert (overlay[..., 3] > 0).any()
    (row,) = answer["rows"]
    (one,) = row["instances"]
    assert one["area"] == pytest.approx(np.pi * radius**2, rel=0.2)


def test_hiding_one_hides_it_alone_whatever_else_is_asked() -> None:
    first = shown(DISCS, concept_ask("a", RED))["rows"][0]["instances"][0]
    for prompts in ([RED], [RED, GREEN]):
        ask = replace(concept_ask("a", *prompts), hidden=frozenset({first["id"]}))
        answer = shown(DISCS, ask)
        listed = [one for row in answer["rows"] for one in row["instances"]]
        painted = set(np.unique(decoded(answer["index_map"])).tolist()) - {0}
        assert [one["id"] for one in listed if not one["index"]] == [first["id"]]
        assert painted == {one["index"] for one in listed} - {0}
        # It is still in the list, with its number and colour.
        hidden = listed[0]
        assert (hidden["number"], hidden["colour"]) == (first["number"], first["colour"])
    # The one beside it is where it was.
    x0, y0, x1, y1 = (int(edge) for edge in listed[1]["box"])
    assert decoded(answer["index_map"])[(y0 + y1) // 2, (x0 + x1) // 2] == listed[1]["index"]


@pytest.mark.parametrize("colour_by", ["concept", "instance"])
def test_removing_a_concept_recolours_none_of_the_others(colour_by: Any) -> None:
    def colours(*rows: Row) -> dict[str, int]:
        prompts = [ConceptPrompt(row.label) for row in rows]
        asked = concept_ask("a", *prompts)
        assert asked.concepts is not None
        request = replace(asked.concepts, ids=tuple(row.id for row in rows))
        style = replace(asked.style, colour_by=colour_by)
        answer = shown(DISCS, replace(asked, concepts=request, rows=rows, style=style))
        return {one["id"]: one["colour"] for row in answer["rows"] for one in row["instances"]}

    red, green = Row("5", 0, "red"), Row("9", 3, "green")
    both = colours(red, green)
    assert colours(green).items() <= both.items()
    assert colours(red).items() <= both.items()
    assert len(both) == 3
    assert len(set(both.values())) == (3 if colour_by == "instance" else 2)
    assert max(both.values()) < len(COLOURS)


def test_what_nms_took_is_told_with_whom() -> None:
    wide, red = (
        ConceptPrompt("red", score_threshold=0.0),
        ConceptPrompt("the red", score_threshold=0.0),
    )
    ask = concept_ask("a", wide, replace(red, text="red "), nms=Nms("across", 0.5))
    answer = shown(DISCS, ask)
    assert answer["nms"] == {"mode": "across", "iou": 0.5}
    told = [row["suppressed"] for row in answer["rows"]]
    assert sum(entry["count"] for row in told for entry in row) == 2
    assert {entry["label"] for row in told for entry in row} == {"red"}


def test_an_object_is_known_by_its_id_and_shows_its_candidates() -> None:
    steps = [Step(VisualPrompt((Click(x, y),))) for x, y in ((40, 40), (110, 50))]
    ask = object_ask("a", *steps, active=1)
    answer = shown(DISCS, ask)
    assert [[one["id"] for one in row["instances"]] for row in answer["rows"]] == [["1"], ["2"]]
    assert len(answer["candidates"]) == 3
    hidden = shown(DISCS, replace(ask, hidden=frozenset({"1"})))
    assert [row["instances"][0]["index"] for row in hidden["rows"]] == [0, 1]


def test_without_a_prompt_there_is_nothing_but_the_rows() -> None:
    rows = (Row("3", 2, "object 3"),)
    answer = shown(DISCS, Ask(1, mode="objects", image="a", rows=rows, active="3"))
    assert (answer["overlay"], answer["index_map"], answer["candidates"]) == (None, None, [])
    assert answer["rows"] == [
        {
            "id": 3,
            "slot": 2,
            "label": "object 3",
            "threshold": None,
            "best": None,
            "suppressed": [],
            "misfits": [],
            "instances": [],
        }
    ]
