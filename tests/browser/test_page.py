"""The page as a whole: images coming in, visitors apart, failures, looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam3_playground.ui.examples import read_examples
from sam3_playground.ui.scripts import read_scripts
from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.fakes import disc_image
from tests.servers import free_port, serving

RED, GREEN = (150, 120), (320, 360)


def test_nothing_is_fetched_from_elsewhere(open_bench: OpenBench, discs: Path) -> None:
    bench = open_bench()
    asked: list[str] = []
    bench.page.on("request", lambda request: asked.append(request.url))
    bench.page.reload()
    bench.page.wait_for_selector(".bench[data-ready]")
    bench.open(discs)
    bench.words("red")
    elsewhere = [url for url in asked if not url.startswith((bench.url, "data:", "blob:"))]
    assert asked
    assert elsewhere == []


def test_each_script_is_fetched_once_and_then_kept(open_bench: OpenBench) -> None:
    page = open_bench().page
    asked: list[str] = []
    fresh = page.context.new_page()
    fresh.on("requestfinished", lambda request: asked.append(request.url))
    for _ in range(2):
        fresh.goto(page.url)
        fresh.wait_for_selector(".bench[data-ready]")
    scripts = read_scripts()
    root = f"{page.url}page/scripts/{scripts.version}/"
    assert {url for url in asked if "/page/scripts/" in url} == {
        root + name for name in scripts.sources
    }
    sizes = fresh.evaluate(
        "root => performance.getEntriesByType('resource')"
        ".filter((one) => one.name.startsWith(root)).map((one) => one.transferSize)",
        root,
    )
    assert sizes == [0] * len(scripts.sources)


def test_without_its_scripts_the_page_says_so(open_bench: OpenBench) -> None:
    page = open_bench().page
    lame = page.context.new_page()
    lame.route("**/page/scripts/**/view.js", lambda route: route.abort())
    lame.goto(page.url)
    lame.get_by_text("scripts could not be loaded").wait_for()


def test_two_visitors_see_only_their_own(open_bench: OpenBench, tmp_path: Path) -> None:
    paths = []
    for name, place in (("one", RED), ("two", GREEN)):
        paths.append(tmp_path / f"{name}.png")
        Image.fromarray(disc_image([("red", *place, 40)], 480, 640).pixels).save(paths[-1])
    one, two = open_bench(), open_bench()
    for visitor, path in zip((one, two), paths, strict=True):
        visitor.open(path)
    one.words("red")
    two.words("red")
    one.slide("score", 0.4)
    two.slide("score", 0.6)
    assert (one.masked(*RED), one.masked(*GREEN)) == (True, False)
    assert (two.masked(*RED), two.masked(*GREEN)) == (False, True)


def test_a_new_image_clears_the_old_ones_prompts(bench: Bench, tmp_path: Path) -> None:
    bench.drag(95, 65, 205, 175)
    bench.tab("objects")
    bench.click(*GREEN)
    path = tmp_path / "plain.png"
    Image.fromarray(disc_image([], 300, 200).pixels).save(path)
    bench.open(path)
    assert (bench.marks(), bench.painted(10, 10)) == (0, None)
    bench.tab("concepts")
    bench.settled()
    assert (bench.marks(), bench.counts()) == (0, {})
    assert bench.page.locator("[data-do=undo]").is_disabled()


def test_an_example_opens_with_its_words(open_bench: OpenBench) -> None:
    scenes = [example for example in read_examples() if example.kind == "scene"]
    bench = open_bench()
    titles = bench.page.locator(".example").all_inner_texts()
    assert titles == [scene.title for scene in scenes]  # the fake is a bundled checkpoint too
    bench.page.locator(".example").first.click()
    bench.page.wait_for_selector("[data-ref=legend] li")
    bench.settled()
    assert list(bench.counts()) == list(scenes[0].concepts)


def test_a_picture_can_be_taken_with_the_webcam(open_bench: OpenBench) -> None:
    bench = open_bench(permissions=["camera"])
    bench.do("webcam")
    bench.page.wait_for_function("document.querySelector('[data-ref=video]').videoWidth > 0")
    bench.do("shoot")
    bench.page.wait_for_selector(".has-image")
    assert not bench.part("camDialog").is_visible()
    bench.words("red")
    assert list(bench.counts()) == ["red"]


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_an_image_can_be_dropped_and_pasted(open_bench: OpenBench, discs: Path, way: str) -> None:
    bench = open_bench()
    bench.page.evaluate(
        """([bytes, way]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "discs.png", { type: "image/png" }));
          const event = way === "drop"
            ? new DragEvent("drop", { dataTransfer: data, bubbles: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
          document.querySelector(".viewport").dispatchEvent(event);
        }""",
        [list(discs.read_bytes()), way],
    )
    bench.page.wait_for_selector(".has-image")
    bench.words("green")
    assert bench.masked(*GREEN)


def test_a_format_that_no_browser_shows_is_shown(open_bench: OpenBench, tmp_path: Path) -> None:
    bench = open_bench()
    path = tmp_path / "discs.tiff"
    Image.fromarray(disc_image([("green", *GREEN, 60)], 480, 640).pixels).save(path)
    bench.part("file").set_input_files(path)
    bench.page.wait_for_selector(".has-image")
    bench.words("green")
    assert bench.masked(*GREEN)


def test_a_refused_url_says_why(open_bench: OpenBench) -> None:
    bench = open_bench()
    bench.do("url")
    bench.part("url").fill("http://10.0.0.1/cat.jpg")
    bench.part("url").press("Enter")
    bench.page.wait_for_function(
        "document.querySelector('[data-ref=urlError]').innerText.includes('public address')"
    )


def test_a_failed_request_keeps_image_and_prompts(bench: Bench) -> None:
    bench.words("red")
    bench.words("red, trouble")
    assert "memory" in bench.message
    assert bench.masked(*RED)
    bench.words("red")
    assert bench.counts() == {"red": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no image at all", "expected an image"), (None, "at most 20,000,000 pixels")],
    ids=["no image", "too many pixels"],
)
def test_a_bad_image_is_refused_in_words(
    bench: Bench, tmp_path: Path, content: bytes | None, said: str
) -> None:
    bench.words("red")
    path = tmp_path / "bad.png"
    if content is None:
        Image.fromarray(np.zeros((5000, 5000, 3), np.uint8)).save(path)
    else:
        path.write_bytes(content)
    bench.part("file").set_input_files(path)
    bench.page.wait_for_function(
        "said => document.querySelector('[data-ref=message]').innerText.includes(said)", arg=said
    )
    assert "bad.png" in bench.message
    assert bench.counts() == {"red": 2}
    assert bench.masked(*RED)
    bench.words("red, green")
    assert bench.masked(*GREEN)
    bench.do("undo")
    bench.settled()
    assert bench.counts() == {"red": 2}


def test_a_lost_connection_keeps_everything_and_comes_back(bench: Bench) -> None:
    bench.words("red")
    bench.page.context.set_offline(offline=True)
    bench.part("words").fill("red, green")
    bench.part("words").press("Enter")
    bench.page.wait_for_selector(".message.error")
    assert "connection" in bench.message
    assert bench.masked(*RED)
    bench.page.context.set_offline(offline=False)
    bench.settled()
    assert bench.counts() == {"red": 2, "green": 1}


def test_the_page_opens_while_weights_load_and_outlives_a_restart(
    open_bench: OpenBench, discs: Path, tmp_path: Path
) -> None:
    port, loads_once = free_port(), tmp_path / "loads"
    with serving("-m", "tests.browser.serve_fake", after=(str(loads_once),), port=port) as url:
        bench = open_bench(url)
        assert "reading the fake weights" in bench.part("statusLine").inner_text()
        scene, photograph = (
            bench.part("gallery").get_by_title(title) for title in ("A busy picnic", "An astronaut")
        )
        assert (scene.count(), photograph.count()) == (1, 0)
        bench.part("file").set_input_files(discs)
        bench.part("words").fill("red")
        bench.page.wait_for_selector(".has-image")
        bench.part("words").press("Enter")
        loads_once.touch()
        bench.page.wait_for_selector("[data-ref=status][data-state=ready]")
        bench.settled()
        assert bench.counts() == {"red": 2}
        assert "a note" in (bench.part("statusNote").text_content() or "")
    bench.part("words").fill("green")
    bench.part("words").press("Enter")
    bench.page.wait_for_selector(".message.error")
    with serving("-m", "tests.browser.serve_fake", port=port):
        bench.settled()
        assert bench.counts() == {"green": 1}


def test_a_phone_has_everything_in_its_width(open_bench: OpenBench, discs: Path) -> None:
    bench = open_bench(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    bench.open(discs)
    bench.words("red")
    assert bench.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert bench.masked(*RED)


def test_dark_mode_is_dark_and_legible(open_bench: OpenBench) -> None:
    bench = open_bench(color_scheme="dark")
    ink, paper = bench.page.evaluate(
        """() => ["color", "backgroundColor"].map((name) =>
          getComputedStyle(document.querySelector(".bench"))[name].match(/[0-9.]+/g).slice(0, 3)
            .reduce((sum, value) => sum + Number(value), 0) / 3)"""
    )
    assert paper < 60
    assert ink > 180
