"""`python app.py` with the bundled checkpoint, in a browser: it shows what its own API answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route

from sam3_playground.core.masks import Mask
from sam3_playground.core.rle import rle_to_mask
from tests.api.conftest import base64_image
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.browser.test_coordinates import TURNED, picture
from tests.drawn import Drawn, drawn_example
from tests.servers import serving
from training.batches import inner_point


@pytest.fixture(scope="module")
def app_url() -> Iterator[str]:
    with serving("app.py", "--weights", "tiny", "--port") as url:
        yield url


@pytest.fixture
def visitor(open_bench: OpenBench, app_url: str) -> Bench:
    bench = open_bench(app_url)
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    return bench


@pytest.fixture(scope="module")
def rockets() -> Drawn:
    return drawn_example("rockets")


def found_by_the_api(bench: Bench, drawn: Drawn, *prompts: Any, **fields: Any) -> list[list[Mask]]:
    """The masks that the same server's API answers for each prompt."""
    path = "concept_segment" if "output_prob_thresh" in fields else "visual_segment"
    image = base64_image(drawn.path.read_bytes())
    body = {"image": image, "prompts": list(prompts), "format": "rle", **fields}
    answer = bench.page.request.post(f"{bench.url}/sam3/{path}", data=body)
    assert answer.ok, answer.text()
    results = answer.json()["prompt_results"]
    return [[rle_to_mask(one["masks"]) for one in result["predictions"]] for result in results]


def concepts_by_the_api(
    bench: Bench, drawn: Drawn, *prompts: Any, threshold: float = 0.5
) -> list[list[Mask]]:
    """With what the page begins with, where the API's contract says otherwise."""
    wish = {"nms_mode": "within", "output_prob_thresh": threshold}
    return found_by_the_api(bench, drawn, *prompts, **wish)


def words(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


def assert_shown(bench: Bench, found: list[list[Mask]]) -> None:
    """Each row counts its masks, each mask is painted, and nothing where none is."""
    assert list(bench.counts().values()) == [len(masks) for masks in found]
    bitmaps = [mask.to_bitmap() for masks in found for mask in masks]
    if not bitmaps:
        assert bench.painted(0, 0) is None
        return
    for bitmap in bitmaps:
        assert bench.masked(*inner_point(bitmap))
    assert not bench.masked(*inner_point(~np.logical_or.reduce(bitmaps)))


def test_words_show_what_the_api_finds(visitor: Bench, rockets: Drawn) -> None:
    visitor.open(rockets.path)
    visitor.words("rocket, dog, cat")
    found = concepts_by_the_api(visitor, rockets, *words("rocket", "dog", "cat"))
    assert list(visitor.counts()) == ["rocket", "dog", "cat"]
    assert sum(map(len, found)) > 1  # of seven
    assert_shown(visitor, found)
    colours = {
        tuple(visitor.painted(*inner_point(row[0].to_bitmap())) or ()) for row in found if row
    }
    assert len(colours) == sum(map(bool, found))


def test_boxes_show_what_the_api_finds(visitor: Bench) -> None:
    drawn = drawn_example("traffic")
    visitor.open(drawn.path)
    boxes = [drawn.box("pink triangle"), drawn.box("pink circle")]
    corners = [dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) for box in boxes]
    visitor.drag(*boxes[0])
    one = {"type": "visual", "boxes": corners[:1], "box_labels": [1]}
    assert_shown(visitor, concepts_by_the_api(visitor, drawn, one))
    visitor.drag(*boxes[1], button="right")
    both = {"type": "visual", "boxes": corners, "box_labels": [1, 0]}
    assert_shown(visitor, concepts_by_the_api(visitor, drawn, both))


def test_a_threshold_filters_what_is_there(visitor: Bench, rockets: Drawn) -> None:
    visitor.open(rockets.path)
    visitor.words("rocket, dog, cat")
    asked = words("rocket", "dog", "cat")
    for threshold in (1.0, 0.02, 0.5):
        visitor.slide("score", threshold)
        found = concepts_by_the_api(visitor, rockets, *asked, threshold=threshold)
        assert list(visitor.counts().values()) == [len(masks) for masks in found]
        assert "did not run" in visitor.part("timing").inner_text()
    assert_shown(visitor, found)


def test_a_click_is_refined_and_undone(visitor: Bench, rockets: Drawn) -> None:
    bench = visitor
    bench.open(rockets.path)
    bench.tab("objects")
    x, y = rockets.point("cat")
    bench.click(x, y)
    ((mask,),) = found_by_the_api(bench, rockets, {"points": [{"x": x, "y": y}]})
    assert bench.masked(*inner_point(mask.to_bitmap()))
    assert not bench.masked(*inner_point(~mask.to_bitmap()))
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
    open_bench: OpenBench, app_url: str, rockets: Drawn
) -> None:
    one, two = (open_bench(app_url) for _ in range(2))
    concert = drawn_example("concert")
    one.open(rockets.path)
    two.open(concert.path)
    for visitor, text in ((one, "dog"), (two, "lion")):
        visitor.part("words").fill(text)
        visitor.part("words").press("Enter")
    for visitor, drawn, text in ((one, rockets, "dog"), (two, concert, "lion")):
        visitor.settled()
        assert list(visitor.counts()) == [text]
        assert_shown(visitor, concepts_by_the_api(visitor, drawn, *words(text)))


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
        {"color_scheme": "dark"},
    ],
    ids=["phone", "dark"],
)
def test_a_phone_and_the_dark_show_the_same(
    open_bench: OpenBench, app_url: str, look: dict[str, Any], rockets: Drawn
) -> None:
    bench = open_bench(app_url, **look)
    bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
    bench.open(rockets.path)
    bench.words("dog, cat")
    assert_shown(bench, concepts_by_the_api(bench, rockets, *words("dog", "cat")))
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


def test_words_are_read_however_they_are_typed_and_too_many_are_refused(
    visitor: Bench, rockets: Drawn
) -> None:
    visitor.open(rockets.path)
    visitor.words("The Dog.；a cat!")
    found = concepts_by_the_api(visitor, rockets, *words("dog", "cat"))
    assert list(visitor.counts()) == ["The Dog.", "a cat!"]
    assert_shown(visitor, found)
    long = "dog " * 31
    visitor.words(long)
    assert "expected at most 30 tokens" in visitor.message
    assert visitor.part("words").input_value() == long
    visitor.words("the dog")
    assert list(visitor.counts()) == ["the dog"]
    assert_shown(visitor, found[:1])


def test_what_is_asked_for_during_an_upload_runs_after_it(visitor: Bench, rockets: Drawn) -> None:
    held: list[Route] = []
    visitor.page.route("**/page/images", lambda route: held.append(route))  # noqa: PLW0108
    visitor.part("file").set_input_files(rockets.path)
    visitor.page.wait_for_function("document.querySelector('.message').textContent !== ''")
    visitor.part("words").fill("cat")
    visitor.do("run")
    assert "as soon as the image is open" in visitor.message
    for route in held:
        route.continue_()
    visitor.page.wait_for_selector("[data-ref=legend] li .count:has-text('1')")
    visitor.settled()
    assert visitor.counts() == {"cat": 1}
