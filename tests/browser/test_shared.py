"""Prompts passed on by a link or in a file: they come to their image, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Route

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.browser.test_accessible import faults

URL = "https://example.org/some%20reds.png?size=large"
BOX = (95, 65, 205, 175)


def link_of(bench: Bench) -> str:
    bench.do("share")
    bench.page.wait_for_function("document.querySelector('[data-ref=shareLink]').value")
    link = bench.part("shareLink").input_value()
    bench.page.keyboard.press("Escape")
    return link


def prompts_of(bench: Bench, folder: Path) -> Path:
    """The file that the page saves."""
    bench.do("share")
    with bench.page.expect_download() as download:
        bench.do("savePrompts")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    bench.page.keyboard.press("Escape")
    return path


def note(bench: Bench, text: str) -> None:
    """Wait until it is said."""
    bench.page.wait_for_selector(f"[data-ref=parcelText]:has-text({json.dumps(text)})")


def has_them(bench: Bench) -> None:
    """The prompts of `Made`, and what they find."""
    bench.page.wait_for_selector("[data-ref=legend] li .count:has-text('2')")
    bench.settled()
    assert (bench.counts(), bench.marks()) == ({"red": 2}, 1)
    assert bench.part("scoreOut").inner_text() == "0.30"
    assert bench.page.locator("[data-ref=instances] .eye:has-text('show')").count() == 1
    bench.tab("objects")
    bench.settled()
    assert bench.marks() == 1
    assert bench.page.locator("[data-ref=instances] li").count() == 3
    bench.tab("concepts")
    bench.settled()


class Made(NamedTuple):
    """Prompts in both tabs, a threshold and a hidden instance, for the discs."""

    link: str
    path: Path


@pytest.fixture(scope="module")
def made(
    browser: Browser, fake_url: str, discs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    with browser.new_context(viewport={"width": 1200, "height": 850}) as context:
        bench = Bench(context.new_page(), fake_url)
        bench.open(discs)
        bench.words("red")
        bench.drag(*BOX)
        bench.slide("score", 0.3)
        bench.page.locator("[data-ref=instances] .eye").last.click()
        bench.settled()
        bench.tab("objects")
        bench.click(320, 360)
        bench.tab("concepts")
        bench.settled()
        has_them(bench)
        assert bench.errors == []
        return Made(link_of(bench), prompts_of(bench, tmp_path_factory.mktemp("made")))


def test_prompts_for_an_image_of_ones_own_wait_for_it(
    made: Made, open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    other = open_bench(made.link)
    note(other, "Prompts wait for discs.png")
    other.page.reload()
    other.page.wait_for_selector(".bench[data-ready]")
    note(other, "Prompts wait for discs.png")  # it is still to be opened
    small = tmp_path / "discs.png"
    Image.open(discs).resize((320, 240)).save(small)
    other.open(small)
    note(other, "This discs.png has another size.")
    assert other.counts() == {}
    renamed = tmp_path / "renamed.png"
    shutil.copy(discs, renamed)
    other.open(renamed)
    has_them(other)
    assert not other.part("parcel").is_visible()
    assert other.page.url == other.page.evaluate("document.baseURI")
    # A reload does not apply them twice.
    other.written()
    other.page.reload()
    other.loaded()
    assert list(other.images()) == ["discs.png", "renamed.png"]
    has_them(other)


@pytest.mark.parametrize("way", ["open", "drop", "paste"])
def test_a_file_of_prompts_comes_with_its_image_or_before_it(
    made: Made, open_bench: OpenBench, discs: Path, way: str
) -> None:
    path = made.path
    assert path.name == "discs.sam3.json"
    other = open_bench()
    if way == "open":
        other.part("file").set_input_files([discs, path])
    else:
        other.page.evaluate(
            """([text, way]) => {
              const data = new DataTransfer();
              data.items.add(new File([text], "some.json", { type: "application/json" }));
              const event = way === "drop"
                ? new DragEvent("drop", { dataTransfer: data, bubbles: true })
                : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
              document.querySelector(".viewport").dispatchEvent(event);
            }""",
            [path.read_text("utf-8"), way],
        )
        note(other, "Prompts wait for discs.png")
        other.open(discs)
    has_them(other)
    assert not other.part("refused").is_visible()


def test_prompts_for_the_open_image_are_applied_and_undo_takes_them_back(
    made: Made, open_bench: OpenBench, discs: Path
) -> None:
    path = made.path
    other = open_bench()
    other.open(discs)
    other.words("green, blue")
    other.part("file").set_input_files(path)
    note(other, "are applied to discs.png; undo takes them back")
    has_them(other)
    assert list(other.images()) == ["discs.png"]
    other.do("undo")
    other.settled()
    assert other.counts() == {"green": 1, "blue": 0}
    assert other.part("words").input_value() == "green, blue"


def test_an_image_of_the_same_size_gets_them_and_the_right_one_still_can(
    made: Made, open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    path = made.path
    photo = tmp_path / "photo.png"
    pixels = np.asarray(Image.open(discs)).copy()
    pixels[0, 0] = 7
    Image.fromarray(pixels).save(photo)
    other = open_bench()
    other.part("file").set_input_files(path)
    note(other, "Prompts wait")
    other.open(photo)
    note(other, "are applied to photo.png, which has the same size")
    has_them(other)
    other.open(discs)
    has_them(other)
    assert not other.part("parcel").is_visible()
    assert list(other.images()) == ["photo.png", "discs.png"]


def test_a_link_with_a_url_opens_beside_what_is_there(
    open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def fetch(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(body=discs.read_bytes(), content_type="image/png")

    other = open_bench()
    other.page.route("**/page/fetch", fetch)
    other.do("url")
    other.part("url").fill(URL)
    other.part("url").press("Enter")
    other.loaded()
    other.words("red")
    link = link_of(other)

    visitor = open_bench()
    visitor.page.route("**/page/fetch", fetch)
    second = tmp_path / "second.png"
    shutil.copy(discs, second)
    visitor.open_all(discs, second)
    visitor.words("green, blue")
    assert visitor.part("shared").is_checked()
    visitor.page.evaluate("(link) => { location.href = link; }", link)
    visitor.page.wait_for_selector("[role=option]:nth-child(3)[aria-selected=true]")
    visitor.settled()
    assert visitor.counts() == {"red": 2}
    assert asked == [{"url": URL}] * 2
    assert "#" not in visitor.page.url
    # What it brings is its own: the others keep their words.
    note(visitor, 'Same words for all images" is off')
    visitor.go("discs.png")
    assert visitor.counts() == {"green": 1, "blue": 0}

    # Where the server does not get it, what is said names it, and the image may come otherwise.
    visitor.page.unroute("**/page/fetch")
    refusal = {"error": "expected an address of the public internet"}
    visitor.page.route("**/page/fetch", lambda route: route.fulfill(status=400, json=refusal))
    visitor.page.evaluate("(link) => { location.href = link; }", link)
    note(visitor, "could not be opened: expected an address of the public internet")
    assert visitor.counts() == {"green": 1, "blue": 0}
    visitor.do("forgetParcels")
    assert "#" not in visitor.page.url


@pytest.mark.parametrize("broken", ["#prompts=AAAA", "#prompts=", "#prompts=%3Cb%3E"])
def test_a_broken_link_loses_nothing(bench: Bench, broken: str) -> None:
    bench.words("red")
    bench.written()
    bench.page.goto("about:blank")
    bench.page.goto(bench.url + broken)
    bench.loaded()
    note(bench, "cannot be read: it")
    note(bench, "All stays as it was.")
    assert bench.counts() == {"red": 2}
    assert "#" not in bench.page.url
    assert faults(bench.page) == []
    bench.do("forgetParcels")
    assert not bench.part("parcel").is_visible()


def test_prompts_that_are_none_are_refused_by_name(bench: Bench, tmp_path: Path) -> None:
    bench.words("red")
    wrong = tmp_path / "coco.json"
    wrong.write_text('{"images": [], "annotations": []}')
    bench.part("file").set_input_files(wrong)
    said = "coco.json could not be opened: it holds no prompts of this page"
    bench.page.wait_for_selector(f"[data-ref=message]:has-text({json.dumps(said)})")
    bench.part("file").set_input_files([wrong, wrong])
    bench.page.wait_for_selector("[data-ref=refusedTitle]:has-text('2 of 2 files')")
    assert (bench.counts(), list(bench.images())) == ({"red": 2}, ["discs.png"])


def test_prompts_that_are_too_many_for_a_link_go_into_a_file(
    bench: Bench, open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    bench.words("red")
    path = prompts_of(bench, tmp_path)
    work = json.loads(path.read_text("utf-8"))
    places = np.random.default_rng(0).uniform(0, 400, (32, 50, 2)).tolist()
    (first,) = work["objects"]["objects"]
    work["objects"]["objects"] = [
        first
        | {
            "id": 100 + number,
            "number": number + 1,
            "points": [{"x": x, "y": y, "positive": True} for x, y in some],
        }
        for number, some in enumerate(places)
    ]
    path.write_text(json.dumps(work))
    other = open_bench()
    other.part("file").set_input_files([discs, path])
    other.page.wait_for_selector("[data-ref=legend] li .count:has-text('2')")
    other.settled()
    other.do("share")
    other.page.wait_for_selector("[data-ref=shareError]:has-text('too many for a link')")
    assert not other.part("copyLink").is_enabled()
    other.page.keyboard.press("Escape")
    saved = json.loads(prompts_of(other, tmp_path).read_text("utf-8"))
    assert [one["points"] for one in saved["objects"]["objects"]] == [
        one["points"] for one in work["objects"]["objects"]
    ]
