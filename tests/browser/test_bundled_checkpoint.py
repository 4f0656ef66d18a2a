"""`python app.py` with the bundled checkpoint, in a browser, against the scenes' own truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.bench import Bench
from tests.browser.conftest import ROOT, OpenBench, serving

FOLDER = ROOT / "assets" / "examples"
TRUTH: dict[str, Any] = {
    entry["file"]: entry
    for entry in json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module")
def app_url() -> Iterator[str]:
    with serving("app.py", "--weights", "tiny", "--port") as url:
        yield url


@pytest.fixture
def visitor(open_bench: OpenBench, app_url: str) -> Bench:
    bench = open_bench(app_url)
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    return bench


def centres(file: str, kind: str) -> list[tuple[float, float]]:
    return [
        ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for box in (one["box_xyxy"] for one in TRUTH[file]["objects"] if one["kind"] == kind)
    ]


def box_of(file: str, kind: str) -> tuple[float, float, float, float]:
    (box,) = (one["box_xyxy"] for one in TRUTH[file]["objects"] if one["kind"] == kind)
    return tuple(box)


def scene(visitor: Bench, file: str) -> Bench:
    visitor.open(Path(FOLDER / file))
    return visitor


def test_two_words_find_their_objects(visitor: Bench) -> None:
    bench = scene(visitor, "rockets.jpg")
    bench.words("dog, cat")
    assert bench.counts() == {"dog": 1, "cat": 1}
    for kind in ("dog", "cat"):
        assert all(bench.masked(*centre) for centre in centres("rockets.jpg", kind))
    assert bench.painted(*centres("rockets.jpg", "dog")[0]) != bench.painted(
        *centres("rockets.jpg", "cat")[0]
    )


def test_a_box_finds_all_like_it_and_another_excludes_a_look_alike(visitor: Bench) -> None:
    bench = scene(visitor, "mushrooms.jpg")
    mushrooms = centres("mushrooms.jpg", "mushroom")
    (house,) = centres("mushrooms.jpg", "house")
    bench.drag(*TRUTH["mushrooms.jpg"]["exemplar"])
    found = sum(bench.masked(*centre) for centre in mushrooms)
    assert found > 0.8 * len(mushrooms)
    assert bench.masked(*house)
    bench.drag(*box_of("mushrooms.jpg", "house"), button="right")
    assert not bench.masked(*house)
    assert sum(bench.masked(*centre) for centre in mushrooms) >= found - 1


def test_a_threshold_filters_what_is_there(visitor: Bench) -> None:
    bench = scene(visitor, "concert.jpg")
    bench.words("lion")
    assert bench.counts() == {"lion": 2}
    bench.slide("score", 1.0)
    assert bench.counts() == {"lion": 0}
    assert "did not run" in bench.part("timing").inner_text()
    bench.slide("score", 0.5)
    assert bench.counts() == {"lion": 2}


def test_a_click_is_refined_and_undone(visitor: Bench) -> None:
    bench = scene(visitor, "rockets.jpg")
    bench.tab("objects")
    cat = TRUTH["rockets.jpg"]["clicks"][2]
    bench.click(*cat)
    assert bench.masked(*cat)
    first = bench.part("overlay").get_attribute("src")
    bench.click(900, 40, button="right")
    assert bench.part("overlay").get_attribute("src") != first
    bench.page.keyboard.press("Control+z")
    bench.settled()
    assert bench.part("overlay").get_attribute("src") == first
    choices = bench.page.locator("[data-ref=candidates] button")
    choices.nth(2).click()
    bench.settled()
    assert bench.part("overlay").get_attribute("src") != first
    assert choices.count() == 3


def test_the_status_line_says_what_runs_and_what_to_do(visitor: Bench) -> None:
    assert "bundled tiny checkpoint" in visitor.part("statusLine").inner_text()
    assert (
        "cpu" in visitor.part("statusLine").inner_text()
        or "cuda" in visitor.part("statusLine").inner_text()
    )


def test_the_api_answers_beside_the_page(visitor: Bench) -> None:
    answer = visitor.page.request.get(visitor.url + "/openapi.json")
    assert "/sam3/concept_segment" in answer.json()["paths"]
