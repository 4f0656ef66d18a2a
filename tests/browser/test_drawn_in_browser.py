"""What is style happens in the browser: at once, and the server is asked when the hand rests."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench

RED, OTHER_RED, GREEN = (150, 120), (450, 150), (320, 360)

# The (h, w, 4) pixels of what lies over the image now: the server's picture, or what is painted.
_LAID = """() => {
  const drafted = document.querySelector(".stage").classList.contains("drafted");
  const from = document.querySelector(drafted ? ".draft" : ".overlay");
  const canvas = document.createElement("canvas");
  canvas.width = from.naturalWidth ?? from.width; canvas.height = from.naturalHeight ?? from.height;
  const context = canvas.getContext("2d");
  context.drawImage(from, 0, 0);
  return [drafted, canvas.toDataURL("image/png")];
}"""
_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def asks(bench: Bench) -> Iterator[list[Any]]:
    """What the page asks of Python meanwhile."""
    asked: list[Any] = []

    def note(request: Any) -> None:
        if "/queue/join" in request.url and request.post_data:
            asked.extend(
                one
                for one in json.loads(request.post_data)["data"]
                if isinstance(one, dict) and "serial" in one
            )

    bench.page.on("request", note)
    yield asked
    bench.page.remove_listener("request", note)


def laid(bench: Bench) -> tuple[bool, NDArray[np.uint8]]:
    """Whether it is painted in the browser, and its (h, w, 4) pixels."""
    bench.page.evaluate(_FRAME)
    drafted, url = bench.page.evaluate(_LAID)
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return drafted, np.array(picture.convert("RGBA"))


def alpha(bench: Bench, place: tuple[int, int]) -> int:
    x, y = place
    return int(laid(bench)[1][y, x, 3])


def grip(bench: Bench, name: str, *, steps: int = 0, share: float = 0.0) -> None:
    """Take a slider in the middle and move it over a share of its length, in so many steps."""
    box = bench.part(name).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    bench.page.mouse.move(x, y)
    bench.page.mouse.down()
    bench.page.mouse.move(x + share * box["width"], y, steps=max(1, steps))


def release(bench: Bench) -> None:
    bench.page.mouse.up()
    bench.settled()


@pytest.fixture
def bench(open_bench: OpenBench, discs: Path) -> Bench:
    """A visitor with two red discs and a green one found, and all of the panel open."""
    visitor = open_bench(viewport={"width": 1200, "height": 1300})
    visitor.open(discs)
    visitor.page.locator(".display summary").click()
    visitor.words("red, green")
    return visitor


def test_dragging_a_slider_asks_nothing_until_the_hand_rests_and_then_once(bench: Bench) -> None:
    # However slow the machine, a hand that moves does not rest.
    bench.page.evaluate(
        "() => { const usual = setTimeout; window.setTimeout = (act, ms, ...more) =>"
        " usual(act, ms >= 250 && ms <= 700 ? 60000 : ms, ...more); }"
    )
    for name, share in (("opacity", 0.4), ("score", 0.3)):
        with asks(bench) as asked:
            grip(bench, name, steps=40, share=share)
            moving = bench.part("bench").get_attribute("data-due")
            assert asked == []
            assert moving is not None  # something is to be asked: the slider did move
            release(bench)
        assert len(asked) == 1, name
        assert not laid(bench)[0]
    assert bench.counts() == {"red": 1, "green": 1}


def test_the_requests_of_a_drag_are_seen_where_there_are_some(bench: Bench) -> None:
    """The control: what asks at each step is counted at each step."""
    with asks(bench) as asked:
        for opacity in (0.2, 0.5, 0.8):
            bench.slide("opacity", opacity)
    assert [ask["style"]["opacity"] for ask in asked] == [0.2, 0.5, 0.8]


def test_opacity_is_seen_while_the_slider_moves_and_the_same_when_it_rests(bench: Bench) -> None:
    before = alpha(bench, RED)
    grip(bench, "opacity", steps=10, share=0.3)
    drafted, painted = laid(bench)
    assert drafted
    assert painted[RED[1], RED[0], 3] > before + 50
    release(bench)
    drafted, drawn = laid(bench)
    assert not drafted
    np.testing.assert_array_equal(painted[RED[1], RED[0]], drawn[RED[1], RED[0]])


@pytest.mark.parametrize("boxes", [False, True])
def test_what_the_browser_paints_is_what_the_server_draws(bench: Bench, *, boxes: bool) -> None:
    bench.page.locator("[data-style=boxes]").set_checked(boxes)
    bench.settled()
    grip(bench, "opacity", steps=4, share=0.2)
    drafted, painted = laid(bench)
    release(bench)
    _, drawn = laid(bench)
    assert drafted
    apart = np.abs(painted.astype(int) - drawn).max(axis=2) > 8
    assert (drawn[..., 3] > 0).mean() > 0.1
    assert apart.mean() < 0.01
    # Fills are the same to the pixel: what differs lies on lines.
    lines = (drawn[..., 3] == 255) | (painted[..., 3] == 255)
    assert not (apart & ~lines).any()


def test_hiding_and_showing_is_seen_at_once_and_asked_when_it_is_over(bench: Bench) -> None:
    rows = bench.page.locator("[data-ref=instances] li")
    with asks(bench) as asked:
        bench.page.evaluate(
            "() => [...document.querySelectorAll('.eye')].slice(0, 2).forEach((one) => one.click())"
        )
        seen = [alpha(bench, place) for place in (RED, OTHER_RED, GREEN)]
        bench.settled()
    assert (seen[:2], seen[2] > 0) == ([0, 0], True)
    assert len(asked) == 1
    assert rows.count() == 3
    # Back again, as it was, before anything is asked.
    whole = laid(bench)[1]
    rows.nth(0).get_by_text("show").click()
    assert alpha(bench, RED) > 0
    bench.settled()
    assert alpha(bench, RED) > 0
    assert (whole[GREEN[1], GREEN[0]] == laid(bench)[1][GREEN[1], GREEN[0]]).all()


def test_of_two_masks_one_on_the_other_each_is_hidden_and_found_by_itself(bench: Bench) -> None:
    bench.words("")
    bench.tab("objects")
    bench.click(*GREEN)
    bench.do("newObject")
    bench.drag(5, 420, 55, 460)  # the grey around it
    bench.do("newObject")
    x, y = GREEN
    bench.drag(x - 20, y - 20, x + 20, y + 20)  # the green disc once more
    rows = bench.page.locator("[data-ref=instances] li")
    assert rows.count() == 3
    rows.nth(2).get_by_text("hide").click()
    assert alpha(bench, GREEN) > 0  # what lay under it
    rows.nth(0).get_by_text("hide").click()
    assert alpha(bench, GREEN) == 0
    rows.nth(2).get_by_text("show").click()
    assert alpha(bench, GREEN) > 0
    bench.page.mouse.move(*bench.at(*GREEN))
    bench.page.wait_for_selector("[data-ref=instances] li.lit:nth-child(3)")
    bench.settled()
    assert alpha(bench, GREEN) > 0


def test_a_threshold_filters_what_is_there_and_the_slider_stays_under_the_hand(
    bench: Bench,
) -> None:
    place = bench.part("score").bounding_box()
    grip(bench, "score", steps=8, share=0.34)  # to 0.85
    assert bench.counts() == {"red": 1, "green": 1}
    assert alpha(bench, OTHER_RED) == 0
    assert alpha(bench, RED) > 0
    assert bench.page.locator("[data-ref=instances] li").count() == 2
    bench.page.mouse.move(place["x"] + place["width"], place["y"] + 5)  # type: ignore[index]
    assert bench.counts() == {"red": 0, "green": 0}
    release(bench)
    assert "nothing above 1.00" in bench.message
    assert bench.part("score").bounding_box() == place


def test_labels_are_as_large_as_before_however_near_one_looks(bench: Bench) -> None:
    label = bench.page.locator(".labels text").first
    before = label.bounding_box()
    assert before is not None
    assert label.text_content() == "red \N{LEFT-TO-RIGHT MARK}0.90"
    bench.page.mouse.move(*bench.at(*RED))
    bench.page.mouse.wheel(0, -400)
    bench.page.wait_for_function("document.querySelector('[data-do=fit]').innerText !== 'Fit'")
    after = bench.page.locator(".labels text").first.bounding_box()
    assert after is not None
    assert after["height"] == pytest.approx(before["height"], abs=1)
    with asks(bench) as asked:
        bench.page.locator("[data-style=labels]").uncheck()
        assert bench.page.locator(".labels text").count() == 0
        assert asked == []
    bench.settled()
