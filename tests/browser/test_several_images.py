"""Several images at once: in a row, each with its own prompts or all with the same words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route

from tests.browser.bench import Bench
from tests.browser.conftest import OpenBench
from tests.fakes import disc_image

# Where discs are drawn; an image has the first few of them.
PLACES = [(100, 100), (300, 100), (500, 100)]
# Red discs in each image; one green one is in all of them.
REDS = {"a.png": 1, "b.png": 2, "c.png": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images, a text, and what has the name of an image only."""
    path = tmp_path_factory.mktemp("several")
    for name, count in REDS.items():
        discs = [("red", *place, 40) for place in PLACES[:count]]
        image = disc_image([*discs, ("green", 320, 360, 60)], 480, 640)
        Image.fromarray(image.pixels).save(path / name)
    (path / "notes.txt").write_text("no image")
    (path / "broken.png").write_bytes(b"no image either")
    (path / ".hidden").write_bytes(b"a system's own")
    return path


@pytest.fixture
def several(open_bench: OpenBench, folder: Path) -> Bench:
    bench = open_bench()
    bench.open_all(*(folder / name for name in REDS))
    return bench


def run_all(bench: Bench) -> None:
    bench.do("runAll")
    bench.page.wait_for_selector("[data-ref=running]", state="hidden")


def test_many_are_opened_and_what_is_none_is_named(open_bench: OpenBench, folder: Path) -> None:
    bench = open_bench()
    bench.open_all(*sorted(folder.iterdir()))
    assert list(bench.images()) == list(REDS)
    assert bench.shown == "a.png"
    bench.part("refused").wait_for()
    assert "2 of 5" in bench.part("refusedTitle").inner_text()
    listed = bench.part("refusedList").inner_text()
    assert "notes.txt: it is no image" in listed
    assert "broken.png: expected an image" in listed
    pictures = bench.page.locator("[role=option] img")
    assert all("data:image" in str(one.get_attribute("src")) for one in pictures.all())


def test_a_folder_is_opened_without_what_is_none(open_bench: OpenBench, folder: Path) -> None:
    bench = open_bench()
    bench.part("folder").set_input_files(folder)
    bench.part("refused").wait_for()
    bench.settled()
    assert sorted(bench.images()) == list(REDS)


def test_a_dropped_folder_is_opened(open_bench: OpenBench, folder: Path) -> None:
    bench = open_bench()
    bench.page.evaluate(
        """(images) => {
          const file = (name, bytes) => ({ name, isFile: true, isDirectory: false,
            file: (done) => done(new File([new Uint8Array(bytes)], name, { type: "image/png" })) });
          const folder = (name, inside) => ({ name, isFile: false, isDirectory: true,
            createReader() {
              const parts = inside.map((one) => [one]);  // a browser gives some at a time
              return { readEntries: (done) => done(parts.shift() ?? []) };
            } });
          const [a, b, c] = images.map(([name, bytes]) => file(name, bytes));
          const entry = folder("top", [folder("deep", [c]), b]);
          const item = (one) => ({ webkitGetAsEntry: () => one });
          const data = { files: [], items: [item(entry), item(a)], types: ["Files"] };
          const event = new DragEvent("drop", { bubbles: true });
          Object.defineProperty(event, "dataTransfer", { value: data });
          document.querySelector(".viewport").dispatchEvent(event);
        }""",
        [[name, list((folder / name).read_bytes())] for name in REDS],
    )
    bench.page.wait_for_function("document.querySelectorAll('[role=option]').length === 3")
    bench.settled()
    assert list(bench.images()) == ["b.png", "c.png", "a.png"]


def test_words_are_shared_and_a_run_counts_in_every_image(several: Bench) -> None:
    several.words("red, green")
    assert several.counts() == {"red": 1, "green": 1}
    run_all(several)
    assert several.images() == {name: str(reds + 1) for name, reds in REDS.items()}
    assert several.message == "Found 9 in 3 images"
    asked = several.network_calls
    several.go("c.png")
    assert several.counts() == {"red": 3, "green": 1}
    assert several.network_calls == asked  # it was asked before
    several.words("red")
    several.go("b.png")
    assert several.counts() == {"red": 2}
    stale = several.page.locator("[role=option].stale .name").all_inner_texts()
    assert stale == ["a.png"]


def test_each_image_has_prompts_and_undo_of_its_own(several: Bench) -> None:
    several.part("shared").uncheck()
    several.words("red")
    several.drag(50, 50, 150, 150)
    several.page.locator(".viewport").press("PageDown")
    several.page.wait_for_selector("[role=option][aria-selected=true]:has-text('b.png')")
    several.settled()
    assert (several.counts(), several.marks()) == ({}, 0)
    several.words("green")
    assert several.counts() == {"green": 1}
    several.page.locator(".viewport").press(",")
    several.page.wait_for_selector("[role=option][aria-selected=true]:has-text('a.png')")
    several.settled()
    assert (several.counts(), several.marks()) == ({"red": 1}, 1)
    several.do("undo")
    several.settled()
    assert several.marks() == 0
    run_all(several)
    assert several.images() == {"a.png": "1", "b.png": "1", "c.png": ""}
    assert "1 image without prompts" in several.message


def test_the_row_is_worked_by_keys_and_closing_is_undone(several: Bench) -> None:
    several.words("red")
    page = several.page
    page.locator("[role=option][aria-selected=true]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[role=option][aria-selected=true]:has-text('b.png')")
    several.settled()
    page.keyboard.press("Delete")
    page.wait_for_selector("[role=option][aria-selected=true]:has-text('c.png')")
    several.settled()
    assert list(several.images()) == ["a.png", "c.png"]
    assert several.counts() == {"red": 3}
    assert page.evaluate("document.activeElement.role") == "option"
    page.keyboard.press("Control+z")
    page.wait_for_selector("[role=option][aria-selected=true]:has-text('b.png')")
    several.settled()
    assert list(several.images()) == list(REDS)
    assert several.counts() == {"red": 2}
    several.do("closeAll")
    page.wait_for_selector(".bench:not(.has-image)")
    assert several.part("empty").is_visible()
    several.do("bringBack")
    several.loaded()
    assert (list(several.images()), several.counts()) == (list(REDS), {"red": 2})


def test_one_that_fails_says_so_and_the_rest_goes_on(several: Bench) -> None:
    several.words("red")

    def refuse(route: Route) -> None:
        if several.part("runFar").inner_text().startswith("2 of 3"):
            route.fulfill(status=422, json={"error": "expected another image"})
        else:
            route.continue_()

    several.page.route("**/page/counts", refuse)
    run_all(several)
    assert several.images() == {"a.png": "1", "b.png": "!", "c.png": "3"}
    assert "1 image could not be asked" in several.message
    title = several.page.get_by_role("option", name="b.png").get_attribute("title")
    assert title == "b.png\nexpected another image"


def test_an_upload_that_the_server_forgot_is_sent_again(several: Bench) -> None:
    several.words("red")
    sent: list[str] = []
    asked: list[int] = []

    def forget(route: Route) -> None:
        asked.append(1)
        gone = {"error": "expected the uploaded image, got none any more"}
        if len(asked) == 1:
            route.fulfill(status=410, json=gone)
        else:
            route.continue_()

    several.page.route("**/page/counts", forget)
    several.page.on(
        "request", lambda one: sent.append(one.url) if one.url.endswith("/images") else None
    )
    run_all(several)
    assert several.images() == {name: str(reds) for name, reds in REDS.items()}
    assert len(sent) == 3  # two for the first time, one again


def test_a_run_is_stopped(several: Bench) -> None:
    several.words("red")
    several.page.route("**/page/counts", lambda route: None)  # never answered
    several.do("runAll")
    several.page.wait_for_selector("[data-ref=running]:has-text('1 of 3')")
    several.do("stopAll")
    several.page.wait_for_selector("[data-ref=running]", state="hidden")
    assert several.message.startswith("Stopped.")


def test_an_image_is_pasted_into_a_field_of_words_and_text_stays_text(
    several: Bench, folder: Path
) -> None:
    several.page.evaluate(
        """([bytes, texts]) => texts.forEach((text) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], text + ".png", { type: "image/png" }));
          if (text === "both") data.setData("text/plain", "red");
          const event = new ClipboardEvent("paste",
            { clipboardData: data, bubbles: true, cancelable: true });
          document.querySelector("[data-ref=words]").dispatchEvent(event);
          window.taken = [...(window.taken ?? []), event.defaultPrevented];
        })""",
        [list((folder / "a.png").read_bytes()), ["both", "image"]],
    )
    several.page.wait_for_selector("[role=option][aria-selected=true]:has-text('image.png')")
    assert several.page.evaluate("window.taken") == [False, True]
    assert list(several.images()) == [*REDS, "image.png"]


def test_examples_are_large_at_first_and_then_at_hand(open_bench: OpenBench) -> None:
    bench = open_bench()
    first = bench.page.locator(".example").first
    before = first.bounding_box()
    first.click()
    bench.page.wait_for_selector("[data-ref=legend] li")
    bench.settled()
    assert not bench.part("empty").is_visible()
    bench.part("examples").locator("summary").click()
    after = first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"]
