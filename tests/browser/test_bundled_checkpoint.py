"""`python app.py` with the bundled checkpoint, in a browser, against the scenes' own truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.browser.test_coordinates import TURNED, picture
from tests.servers import ROOT, serving

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


def box_of(file: str, index: int) -> tuple[float, float, float, float]:
    return tuple(TRUTH[file]["objects"][index]["box_xyxy"])


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
    bench = scene(visitor, "traffic.jpg")
    triangles, circles = centres("traffic.jpg", "triangle"), centres("traffic.jpg", "circle")[:2]
    # Alone, this triangle's box finds the circles of its colour as well; the third is white.
    bench.drag(*box_of("traffic.jpg", 5))
    assert all(bench.masked(*centre) for centre in (*triangles, *circles))
    bench.drag(*box_of("traffic.jpg", 2), button="right")
    assert all(bench.masked(*centre) for centre in triangles)
    assert not any(bench.masked(*centre) for centre in circles)


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


def test_two_visitors_at_once_each_have_their_own_result(
    open_bench: OpenBench, app_url: str
) -> None:
    one, two = (open_bench(app_url) for _ in range(2))
    one.open(FOLDER / "rockets.jpg")
    two.open(FOLDER / "concert.jpg")
    for visitor, words in ((one, "dog"), (two, "lion")):
        visitor.part("words").fill(words)
        visitor.part("words").press("Enter")
    one.settled()
    two.settled()
    assert (one.counts(), two.counts()) == ({"dog": 1}, {"lion": 2})


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
        {"color_scheme": "dark"},
    ],
    ids=["phone", "dark"],
)
def test_a_phone_and_the_dark_show_the_same(
    open_bench: OpenBench, app_url: str, look: dict[str, Any]
) -> None:
    bench = scene(open_bench(app_url, **look), "rockets.jpg")
    bench.words("dog, cat")
    assert bench.counts() == {"dog": 1, "cat": 1}
    assert all(bench.masked(*centre) for centre in centres("rockets.jpg", "dog"))
    assert bench.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_ten_pixels_of_a_turned_photo_of_twelve_megapixels_are_hit(
    visitor: Bench, tmp_path: Path
) -> None:
    visitor.open(picture(tmp_path / "photo.jpg", 3000, 4000, orientation=TURNED))
    visitor.tab("objects")
    for _ in range(4):
        visitor.page.mouse.move(*visitor.at(750, 1000))
        visitor.page.mouse.wheel(0, -600)
        visitor.page.wait_for_timeout(50)
    visitor.click(750, 1000)
    mark = visitor.page.locator(".marks .mark").bounding_box()
    assert mark is not None
    middle = (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    assert middle == pytest.approx(visitor.at(750, 1000), abs=1)
    # The zoomed square is many screen pixels wide: within one, the click is on it.
    assert visitor.at(755, 1000)[0] - visitor.at(745, 1000)[0] > 10
    assert "prompt" in visitor.part("timing").inner_text()


def test_the_status_line_says_what_runs_and_what_to_do(visitor: Bench) -> None:
    assert "bundled tiny checkpoint" in visitor.part("statusLine").inner_text()
    assert (
        "cpu" in visitor.part("statusLine").inner_text()
        or "cuda" in visitor.part("statusLine").inner_text()
    )


def test_the_api_answers_beside_the_page(visitor: Bench) -> None:
    answer = visitor.page.request.get(visitor.url + "/openapi.json")
    assert "/sam3/concept_segment" in answer.json()["paths"]


def test_words_are_read_however_they_are_typed_and_too_many_are_refused(visitor: Bench) -> None:
    bench = scene(visitor, "rockets.jpg")
    bench.words("The Dog.；a cat!")
    assert bench.counts() == {"The Dog.": 1, "a cat!": 1}
    long = "dog " * 31
    bench.words(long)
    assert "expected at most 30 tokens" in bench.message
    assert bench.part("words").input_value() == long
    bench.words("the dog")
    assert bench.counts() == {"the dog": 1}
