"""What the page sends of corrections, and what it is shown of what was mended."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from sam3_playground.config import Settings
from sam3_playground.core.corrections import MAX_PARTS, Correction
from sam3_playground.core.prompts import MAX_CLICKS, Click, ConceptPrompt, Exemplar, VisualPrompt
from sam3_playground.core.requests import MAX_CORRECTIONS, MAX_SEED_PROMPTS
from sam3_playground.core.segmenter import Segmenter
from sam3_playground.core.steps import MAX_DEPTH, Seed, Step
from sam3_playground.errors import InvalidInputError, PlaygroundError
from sam3_playground.pipeline.answer import propose
from sam3_playground.pipeline.service import SegmenterService
from sam3_playground.ui.picture import picture_of
from sam3_playground.ui.responder import Responder
from sam3_playground.ui.session import Sessions
from sam3_playground.ui.state import read_ask
from tests.fakes import FakeSegmenter, disc_image
from tests.pipeline.noting import Noting
from tests.servers import page_state

DISCS = disc_image(
    [("red", 40, 40, 20), ("red", 110, 50, 25), ("green", 60, 95, 15), ("blue", 130, 100, 12)]
)
BOX = [86.0, 25.0, 136.0, 76.0]
EXEMPLAR = {"box": BOX, "positive": True}
POINT = {"x": 60.0, "y": 95.0, "positive": True}
OFF = POINT | {"positive": False}
# What Python says for itself.
INSIDE = re.compile(r"<class|Error|Traceback|object at|NoneType|Form\b|^'[a-z_]+'$")


def seed(**changes: Any) -> dict[str, Any]:
    return {"text": "red", "exemplars": [], "candidate": 2, "box": BOX} | changes


def step(**changes: Any) -> dict[str, Any]:
    return {"points": [POINT], "box": None, "choice": 0, "base": None} | changes


def chained(depth: int, base: Any = None) -> dict[str, Any]:
    one = step(base=base)
    for _ in range(depth):
        one = step(base=one)
    return one


def refined(**changes: Any) -> dict[str, Any]:
    return {"id": "1:2", "replaces": [seed()], "parts": [step(base=seed())]} | changes


def state(*corrections: Any, words: tuple[str, ...] = ("red",), **changes: Any) -> dict[str, Any]:
    value = page_state("a", *words, **changes)
    value["concepts"][0]["corrections"] = list(corrections)
    return value


def shown(value: dict[str, Any], segmenter: Segmenter | None = None) -> dict[str, Any]:
    ask = read_ask(value)
    fake = cast("Segmenter", segmenter or FakeSegmenter())
    return picture_of(DISCS, ask, [propose(fake, DISCS, one) for one in ask.requests])


def test_corrections_of_the_page_are_those_of_the_core() -> None:
    former = seed(text=None, exemplars=[EXEMPLAR], candidate=7)
    value = state(
        refined(),
        {"id": "1:7", "replaces": [former], "parts": []},
        {"id": "1:+12", "replaces": [], "parts": [step(box=BOX, choice=1)]},
        {"id": "1:3", "replaces": [seed(), former], "parts": [seed(), chained(2, former)]},
    )
    asked = read_ask(value).concepts
    assert asked is not None
    box = (86.0, 25.0, 136.0, 76.0)
    red = Seed(ConceptPrompt("red"), 2, box)
    before = Seed(ConceptPrompt(None, (Exemplar(box),)), 7, box)
    click = VisualPrompt((Click(60, 95),))
    chain = Step(click, base=Step(click, base=Step(click, base=before)))
    assert asked.corrections == (
        Correction("1:2", "1", (red,), (Step(click, base=red),)),
        Correction("1:7", "1", (before,)),
        Correction("1:+12", "1", (), (Step(VisualPrompt((Click(60, 95),), box), 1),)),
        Correction("1:3", "1", (red, before), (red, chain)),
    )


def test_a_page_that_knows_no_corrections_asks_for_none() -> None:
    asked = read_ask(page_state("a", "red")).concepts
    assert asked is not None
    assert asked.corrections == ()


MANY = [refined(id=f"1:{number}") for number in range(MAX_CORRECTIONS + 1)]


@pytest.mark.parametrize(
    "corrections",
    [
        [3],
        [None],
        [{}],
        [refined(id=7)],
        [refined(id="1:" + "x" * 64)],
        [refined(id="")],
        [refined(id="1")],  # an object's, or a concept's
        [refined(id="2:2")],  # another concept's
        [refined(id="12:2")],
        [refined(), refined()],  # the same one twice
        MANY,
        [refined(replaces=[], parts=[])],
        [refined(replaces=None)],
        [refined(replaces=[step()])],
        [refined(parts=[3])],
        [refined(parts=[[]])],
        [refined(parts=[{}])],
        [refined(replaces=[seed()] * (MAX_PARTS + 1))],
        [refined(parts=[seed()] * (MAX_PARTS + 1))],
        [refined(parts=[step(points=[OFF])])],  # what it is not, and no mask
        [refined(parts=[step(points=[])])],
        [refined(parts=[step(points=[POINT] * (MAX_CLICKS + 1))])],
        [refined(parts=[step(points=[POINT | {"x": float("nan")}])])],
        [refined(parts=[step(choice=-1)])],
        [refined(parts=[step(choice=True)])],
        [refined(parts=[step(base=[])])],
        [refined(parts=[chained(MAX_DEPTH + 1, seed())])],
        [refined(parts=[chained(900, seed())])],
        [refined(id=f"1:{n}", parts=[chained(MAX_DEPTH)] * MAX_PARTS) for n in range(2)],
        [refined(replaces=[seed(candidate=-1)])],
        [refined(replaces=[seed(candidate=2.5)])],
        [refined(replaces=[seed(candidate=10**400)])],
        [refined(replaces=[seed(box=BOX[:3])])],
        [refined(replaces=[seed(box=[0, 0, 0, 0])])],
        [refined(replaces=[seed(box=[0, 0, float("inf"), 1])])],
        [refined(replaces=[seed(text=None)])],
        [refined(replaces=[seed(text="a\0b")])],
        [refined(replaces=[seed(text=None, exemplars=[EXEMPLAR | {"positive": False}])])],
        [
            refined(id=f"1:{n}", replaces=[seed(text=f"red {n}")], parts=[])
            for n in range(MAX_SEED_PROMPTS + 1)
        ],
    ],
)
def test_other_corrections_are_refused_in_words(corrections: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^([a-z ]+: )?expected ") as refusal:
        read_ask(state(*corrections))
    assert not INSIDE.search(str(refusal.value))
    assert len(str(refusal.value)) < 200


def test_a_refusal_says_which_concept_it_is() -> None:
    with pytest.raises(InvalidInputError, match=r"^red: expected a correction of something"):
        read_ask(state(refined(replaces=[], parts=[])))


def test_negative_points_alone_refine_a_mask() -> None:
    asked = read_ask(state(refined(parts=[step(points=[OFF], base=seed())]))).concepts
    assert asked is not None
    (part,) = asked.corrections[0].steps
    assert not part.prompt.clicks[0].positive


def test_a_choice_that_there_is_not_is_refused_in_words() -> None:
    with pytest.raises(PlaygroundError, match="expected a mask from 0 to 2, got 1024"):
        shown(state(refined(parts=[step(choice=1024, base=seed())])))


def test_a_mended_one_is_listed_as_such_in_its_place() -> None:
    before = shown(state())["rows"][0]["instances"]
    answer = shown(state(refined(), active="1:2"))
    (row,) = answer["rows"]
    first, second = row["instances"]
    assert first == before[0]
    assert [one["corrected"] for one in before] == [False, False]
    kept = ("id", "number", "colours", "score")
    assert [second[name] for name in kept] == [before[1][name] for name in kept]
    assert second["corrected"]
    assert second["box"] != before[1]["box"]
    assert row["misfits"] == []


def test_what_fits_no_more_is_told_by_its_row() -> None:
    lost = {"id": "1:9", "replaces": [seed(candidate=9, box=[0.0, 0.0, 4.0, 4.0])], "parts": []}
    answer = shown(state(lost, words=("red", "green")))
    assert [row["misfits"] for row in answer["rows"]] == [["1:9"], []]
    assert [len(row["instances"]) for row in answer["rows"]] == [2, 1]


def test_what_was_removed_is_neither_listed_nor_drawn() -> None:
    answer = shown(state({"id": "1:2", "replaces": [seed()], "parts": []}))
    assert [one["id"] for one in answer["rows"][0]["instances"]] == ["1:1"]
    every = {"id": "1:1", "replaces": [seed(candidate=1, box=[20, 20, 61, 61]), seed()]}
    assert shown(state(every | {"parts": []}))["overlay"] is None


def test_the_candidates_of_an_active_one_are_those_of_its_last_step() -> None:
    base = step(base=seed(), choice=1)
    several = refined(parts=[step(points=[POINT | {"x": 130.0, "y": 100.0}], base=base)])
    for active, count in (("1:2", 3), ("1:1", 0), ("1:9", 0), ("1", 0), (None, 0), (":", 0)):
        answer = shown(state(several, active=active))
        assert len(answer["candidates"]) == count
    scores = [one["score"] for one in shown(state(several, active="1:2"))["candidates"]]
    assert scores == [0.9, 0.6, 0.3]
    # One that was removed, merged of what was found, or fits no more has none.
    without: list[dict[str, Any]] = [
        {"parts": []},
        {"parts": [seed()]},
        {"replaces": [seed(box=[0, 0, 1, 1])]},
    ]
    for changes in without:
        assert shown(state(refined(**changes), active="1:2"))["candidates"] == []


def test_a_step_is_given_the_mask_that_was_chosen_before() -> None:
    blue = [POINT | {"x": 130.0, "y": 100.0}]
    base = step(base=seed(), choice=1)
    segmenter = Noting()
    value = state(refined(parts=[step(points=blue, base=base)]), active="1:2")
    shown(value, cast("Segmenter", segmenter))
    # The green disc alone: the second one of the first step.
    assert len(segmenter.masks) == 2
    given = segmenter.masks[1]
    assert given is not None
    rows, columns = np.nonzero(given > 0)
    assert abs(columns.mean() / 72 * 160 - 60) < 3
    assert abs(rows.mean() / 72 * 120 - 95) < 3


def test_words_and_objects_are_answered_together() -> None:
    objects = [
        {"id": 5, "slot": 3, "name": "", "number": 1, "step": step()},
        {"id": 6, "slot": 4, "name": "", "number": 2, "step": None},
    ]
    value = state(refined(), words=("red", "green"), objects=objects, active="5")
    ask = read_ask(value)
    assert len(ask.requests) == 2
    answer = shown(value)
    rows = [(row["id"], [one["id"] for one in row["instances"]]) for row in answer["rows"]]
    assert rows == [(1, ["1:1", "1:2"]), (2, ["2:1"]), (5, ["5"]), (6, [])]
    every = [one for row in answer["rows"] for one in row["instances"]]
    assert all(one["runs"] for one in every)
    assert len(answer["candidates"]) == 3
    # What is clicked has no threshold.
    assert answer["rows"][2]["threshold"] is None


def test_every_listed_instance_says_a_point_inside_it() -> None:
    value = state(refined(), words=("red", "green"))
    ask = read_ask(value)
    (request,) = ask.requests
    proposal = propose(cast("Segmenter", FakeSegmenter()), DISCS, request)
    masks = {item.id: item.mask.to_bitmap() for item in proposal.select().instances}
    listed = [one for row in picture_of(DISCS, ask, [proposal])["rows"] for one in row["instances"]]
    assert len(listed) == 3
    for one in listed:
        x, y = one["inside"]
        assert masks[one["id"]][int(y), int(x)]


def test_an_answer_that_is_kept_needs_no_network(tmp_path: Path) -> None:
    path = tmp_path / "discs.png"
    Image.fromarray(DISCS.pixels).save(path)
    segmenter = FakeSegmenter()
    responder = Responder(SegmenterService.of(cast("Segmenter", segmenter)), Settings(), Path)
    former = seed(text=None, exemplars=[EXEMPLAR], candidate=2)
    value = state(refined(replaces=[former], parts=[step(base=former)]), active="1:2")
    session = Sessions().of("one")

    def answered() -> dict[str, Any]:
        *_, last = responder.respond(replace(read_ask(value), image=str(path)), session)
        answer = cast("dict[str, Any]", last)
        return answer | {"timings": answer["timings"]["network_calls"]}

    first = answered()
    assert (first["timings"], len(segmenter.calls)) == (3, 2)
    again = answered()
    assert (again.pop("timings"), len(segmenter.calls)) == (0, 2)
    first.pop("timings")
    assert again == first
