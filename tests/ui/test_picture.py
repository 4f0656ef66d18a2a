"""What the page shows of a result: where the mask is, whatever the image's size, by ids."""

from __future__ import annotations

import base64
import json
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
from sam3_playground.formats.scaling import MAX_SIDE
from sam3_playground.pipeline.answer import propose
from sam3_playground.ui.ask import Ask, Row
from sam3_playground.ui.picture import picture_of
from tests.asks import concept_ask, object_ask
from tests.fakes import FakeSegmenter, disc_image
from tests.runs import bitmap_of

RED, GREEN = ConceptPrompt("red"), ConceptPrompt("green")
DISCS = disc_image([("red", 40, 40, 20), ("red", 110, 50, 25), ("green", 60, 95, 15)])


def shown(image: RgbImage, ask: Ask) -> dict[str, Any]:
    return picture_of(image, ask, [propose(FakeSegmenter(), image, one) for one in ask.requests])


def masks_in(answer: dict[str, Any]) -> list[list[NDArray[np.bool_]]]:
    """The masks of each row, as the browser has them."""
    return [
        [bitmap_of(one["runs"], answer["screen"]["size"]) for one in row["instances"]]
        for row in answer["rows"]
    ]


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
    ((mask,),), overlay = masks_in(answer), decoded(answer["overlay"])
    assert max(mask.shape) == min(max(size), MAX_SIDE)
    assert mask.shape == overlay.shape[:2]
    scale = mask.shape[1] / width
    rows, columns = np.indices(mask.shape)
    # An ellipse at the network's own grid, where the disc was squashed.
    away = np.hypot((columns + 0.5) / scale - x, (rows + 0.5) / scale - y)
    slack = 2 * max(size) / 72 + 1
    assert mask[away < radius - slack].all()
    assert not mask[away > radius + slack].any()
    assert (overlay[..., 3][mask] > 0).all()
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
        masks = [mask for row in masks_in(answer) for mask in row]
        painted = decoded(answer["overlay"])[..., 3] > 0
        assert [bool(painted[mask].any()) for mask in masks] == [False] + [True] * (len(masks) - 1)
        # It is still in the list, with its mask, number and colours, to be shown again at once.
        assert listed[0] == first
        assert masks[0].any()


def test_what_overlaps_is_known_as_a_whole_and_the_smaller_one_is_painted_on_top() -> None:
    small, large = Step(VisualPrompt((Click(40, 40),))), Step(VisualPrompt((Click(5, 5),)))
    ask = object_ask("a", small, large)
    assert ask.objects is not None
    proposal = propose(FakeSegmenter(), DISCS, ask.objects)
    whole = np.ones((72, 72), np.float32)
    logits = [proposal.found[0].candidates[0].mask_logits, whole]
    found = tuple(
        replace(one, candidates=(replace(one.candidates[0], mask_logits=mask),))
        for one, mask in zip(proposal.found, logits, strict=True)
    )
    answer = picture_of(DISCS, ask, [replace(proposal, found=found)])
    ((disc,), (everything,)) = masks_in(answer)
    assert everything.all()
    assert disc[40, 40]
    overlay = decoded(answer["overlay"])
    colours = [answer["rows"][row]["instances"][0]["colours"][0] for row in (0, 1)]
    painted = [rgb(overlay, place) for place in ((40, 40), (100, 140))]
    assert painted == [COLOURS[colour] for colour in colours]


def rgb(overlay: NDArray[np.uint8], place: tuple[int, int]) -> str:
    blue, green, red, _ = overlay[place].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_letters_are_not_in_the_picture_for_they_would_grow_with_the_zoom() -> None:
    ask = concept_ask("a", RED)
    style = replace(ask.style, masks=False, outlines=False, labels=True)
    answer = shown(DISCS, replace(ask, style=style))
    assert not decoded(answer["overlay"])[..., 3].any()


def test_masks_cost_few_bytes() -> None:
    """Of a hundred rows each: less than two kilobytes for each, with its part of the picture."""
    discs = [("red", 90 + 180 * x, 90 + 130 * y, 55) for y in range(5) for x in range(8)]
    image = disc_image(discs, 720, 1440)
    answer = shown(image, concept_ask("a", replace(RED, score_threshold=0.0)))
    (row,) = answer["rows"]
    assert len(row["instances"]) == 10  # the fake's scores fall by a tenth each
    assert len(json.dumps(answer)) < 2000 * len(row["instances"])


@pytest.mark.parametrize("colour_by", ["concept", "instance"])
def test_removing_a_concept_recolours_none_of_the_others(colour_by: Any) -> None:
    def colours(*rows: Row) -> dict[str, int]:
        prompts = [ConceptPrompt(row.label) for row in rows]
        asked = concept_ask("a", *prompts)
        assert asked.concepts is not None
        request = replace(asked.concepts, ids=tuple(row.id for row in rows))
        style = replace(asked.style, colour_by=colour_by)
        answer = shown(DISCS, replace(asked, concepts=request, rows=rows, style=style))
        place = ("concept", "instance").index(colour_by)
        return {
            one["id"]: one["colours"][place] for row in answer["rows"] for one in row["instances"]
        }

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
    steps = [Step(VisualPrompt((Click(x, y),))) for x, y in ((40, 40), (60, 95))]
    ask = object_ask("a", *steps, active=1)
    answer = shown(DISCS, ask)
    assert [[one["id"] for one in row["instances"]] for row in answer["rows"]] == [["1"], ["2"]]
    assert len(answer["candidates"]) == 3
    hidden = shown(DISCS, replace(ask, hidden=frozenset({"1"})))
    painted = decoded(hidden["overlay"])[..., 3] > 0
    assert [bool(painted[mask].any()) for (mask,) in masks_in(hidden)] == [False, True]


def test_without_a_prompt_there_is_nothing_but_the_rows() -> None:
    rows = (Row("3", 2, "object 3"),)
    answer = shown(DISCS, Ask(1, mode="objects", image="a", rows=rows, active="3"))
    assert (answer["overlay"], answer["candidates"]) == (None, [])
    assert answer["rows"] == [
        {
            "id": 3,
            "slot": 2,
            "label": "object 3",
            "is_object": False,
            "threshold": None,
            "best": None,
            "suppressed": [],
            "misfits": [],
            "instances": [],
        }
    ]
